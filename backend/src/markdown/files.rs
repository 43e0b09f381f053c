//! Pictures in texts that their reader can see, and those that are not there.

use std::collections::HashSet;

use domain::files_in;

use super::write::PICTURE;
use crate::{Error, Viewer};

/// Texts as HTML, in which a note stands for each picture that the reader cannot see: it is of a product that does not exist for them,
/// or its author has not been online since.
pub(super) async fn without_hidden(viewer: &Viewer, mut html: Vec<String>) -> Result<Vec<String>, Error> {
    if !html.iter().any(|html| html.contains(PICTURE)) {
        return Ok(html);
    }
    let named = html.iter().flat_map(|html| files_in(html));
    let seen = viewer.visible_files(named).await?;
    let seen: HashSet<&str> = seen.iter().map(|file| file.hash.as_str()).collect();
    for html in html.iter_mut().filter(|html| html.contains(PICTURE)) {
        *html = noted(html, &seen);
    }
    Ok(html)
}

fn noted(html: &str, seen: &HashSet<&str>) -> String {
    let mut noted = String::with_capacity(html.len());
    let mut rest = html;
    while let Some((before, link)) = rest.split_once(LINK) {
        noted.push_str(before);
        let (inner, after) = link.split_once("</a>").unwrap_or((link, ""));
        let is_seen = |picture: &str| {
            files_in(picture).next().is_some_and(|hash| seen.contains(hash.to_string().as_str()))
        };
        if inner.split_once(PICTURE).is_none_or(|(_, picture)| is_seen(picture)) {
            noted.extend([LINK, inner, "</a>"]);
        } else {
            let words = inner.split_once(" alt=\"").and_then(|(_, rest)| rest.split_once('"'));
            let words = words.map_or("", |(words, _)| words);
            noted.extend([
                "<span class=\"picture-missing\" data-missing=\"\">The picture “",
                words,
                MISSING,
                "</span>",
            ]);
        }
        rest = after;
    }
    noted.push_str(rest);
    noted
}

/// How every link begins.
const LINK: &str = "<a href=\"";

const MISSING: &str = "” isn’t available. It hasn’t been uploaded yet, or is in a product you can’t see.";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::markdown::to_html;

    #[test]
    fn a_note_stands_for_a_picture_that_is_not_there() {
        let [one, other] = ["1", "2"].map(|digit| digit.repeat(64));
        let html = to_html(&format!("![a *b* \"c\"](/files/{one}/a.png#4x3)\n\n![](/files/{other}/ö.png)"));
        assert_eq!(noted(&html, &HashSet::from([one.as_str(), other.as_str()])), html);
        assert_eq!(
            noted(&html, &HashSet::from([other.as_str()])),
            format!(
                "<p><span class=\"picture-missing\" data-missing=\"\">The picture “a b &quot;c&quot;{MISSING}</span></p>\n\
                 <p><a href=\"/files/{other}/%C3%B6.png{PICTURE}/files/{other}/%C3%B6.png\" alt=\"ö.png\" loading=\"lazy\" decoding=\"async\"></a></p>\n"
            )
        );
    }
}
