//! Checklists: the tasks in a text in Markdown, as `- [ ] write` and `- [x] read`.

/// How many tasks a text has, and how many of them are done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checklist {
    pub done: usize,
    pub all: usize,
}

impl Checklist {
    /// The tasks of a text; `None` where it has none. What stands between fences is code.
    pub fn of(text: &str) -> Option<Self> {
        let mut list = Checklist { done: 0, all: 0 };
        let mut fence = None;
        for line in text.lines().map(str::trim_start) {
            let fences = ["```", "~~~"].into_iter().find(|mark| line.starts_with(mark));
            match (fence, fences) {
                (None, Some(_)) => fence = fences,
                (Some(open), Some(mark)) if open == mark => fence = None,
                (None, None) => {
                    if let Some(done) = task(line) {
                        list.all += 1;
                        list.done += usize::from(done);
                    }
                }
                _ => {}
            }
        }
        (list.all > 0).then_some(list)
    }

    /// The share that is done, in whole percent, rounded down: 100 is all of it.
    pub fn percent(self) -> i64 {
        i64::try_from(self.done * 100 / self.all.max(1)).unwrap_or(0)
    }
}

/// Whether a line is a task, and done.
fn task(line: &str) -> Option<bool> {
    let digits = line.trim_start_matches(|c: char| c.is_ascii_digit());
    let item = match line.len() - digits.len() {
        0 => line.strip_prefix(['-', '*', '+'])?,
        _ => digits.strip_prefix(['.', ')'])?,
    };
    let tail = item.strip_prefix(' ')?.trim_start().strip_prefix('[')?;
    let (mark, tail) = tail.split_at_checked(1)?;
    tail.strip_prefix("] ")?;
    match mark {
        " " => Some(false),
        "x" | "X" => Some(true),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tasks_are_counted_wherever_markdown_has_them() {
        let text = "Over:\n- [ ] one\n  * [x] two\n+ [X] three\n10. [ ] four\n2) [x] five";
        let list = Checklist::of(text).unwrap();
        assert_eq!(list, Checklist { done: 3, all: 5 });
        assert_eq!(list.percent(), 60);
    }

    #[test]
    fn what_only_looks_like_a_task_is_none() {
        for text in
            ["", "[ ] none", "- [y] none", "-[ ] none", "- [ ]none", "- [", "- [é", "1 [ ] none", "- [x]"]
        {
            assert_eq!(Checklist::of(text), None, "{text}");
        }
        let code = "```\n- [ ] code\n~~~\n- [x] code\n```\n- [x] a task";
        assert_eq!(Checklist::of(code), Some(Checklist { done: 1, all: 1 }));
        assert_eq!(Checklist { done: 199, all: 200 }.percent(), 99);
    }
}
