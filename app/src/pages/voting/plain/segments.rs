//! `/segments`: groups whose votes are counted together, and who belongs to them.

use domain::{
    Member, SegmentId, UserId,
    voting::{Segment, SegmentKind},
};
use leptos::prelude::*;

use super::{counted, html, named_post, notice};
use crate::{
    api::{FieldKey, Plain},
    ui::{Avatar, Icon},
};

pub(crate) fn page(
    segments: &[Segment],
    members: Vec<Member>,
    memberships: &[(UserId, SegmentId)],
    refused: Option<String>,
) -> Plain {
    let kinds = SegmentKind::ALL.iter().map(|kind| part(*kind, segments)).collect_view();
    let active: Vec<Member> = members.into_iter().filter(|member| member.active).collect();
    let page = view! {
        <div class="page segments">
            <header class="page__header">
                <h1>"Segments"</h1>
                <p class="page__count">
                    "Groups whose votes are counted together. A weight of 2 counts twice."
                </p>
                <a class="button button--quiet" href="/voting">
                    <Icon name="back" />
                    "Voting"
                </a>
            </header>
            {notice(refused)}
            <div class="segments__kinds">{kinds}</div>
            {(!segments.is_empty()).then(|| people(segments, &active, memberships))}
        </div>
    };
    Plain { title: "Segments".to_owned(), html: html(page) }
}

fn part(kind: SegmentKind, segments: &[Segment]) -> impl IntoView + use<> {
    let own: Vec<_> = segments.iter().filter(|segment| segment.kind == kind).map(row).collect();
    let own = if own.is_empty() {
        view! { <p class="quiet">{example(kind)}</p> }.into_any()
    } else {
        view! { <ul class="segments__list">{own}</ul> }.into_any()
    };
    let (label, id) = (kind.label(), format!("new-{}", kind.as_str()));
    view! {
        <section class="panel segments__kind">
            <h2>{plural(kind)}</h2>
            {own}
            <details class="segments__new">
                <summary class="button" id=id>
                    {format!("New {}", label.to_lowercase())}
                </summary>
                {fields(None, kind, "", "1", "Add")}
            </details>
        </section>
    }
}

fn plural(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Department => "Departments",
        SegmentKind::CustomerGroup => "Customer groups",
        SegmentKind::RoleGroup => "Role groups",
    }
}

/// Says what a kind is good for, where there is none of it yet.
fn example(kind: SegmentKind) -> &'static str {
    match kind {
        SegmentKind::Department => "None yet. For example: stores, warehouses, head office.",
        SegmentKind::CustomerGroup => "None yet. For example: farms, private gardens, resellers.",
        SegmentKind::RoleGroup => "None yet. For example: managers, experts, daily users.",
    }
}

fn row(segment: &Segment) -> impl IntoView + use<> {
    let (name, weight) = (segment.name.to_string(), segment.weight.to_string());
    let members = counted(segment.members, "member", "members");
    let remove = named_post(
        "/api/remove_segment",
        &[("id", segment.id.to_string())],
        "Remove",
        "button--quiet",
        Some(format!("Remove {name}")),
    );
    view! {
        <li>
            <details class="segments__segment">
                <summary>
                    <span class="segments__name" dir="auto">
                        {name.clone()}
                    </span>
                    <span class="quiet">{format!("{members} · weight {weight}")}</span>
                </summary>
                {fields(Some(segment.id), segment.kind, &name, &weight, "Save")}
                {remove}
            </details>
        </li>
    }
}

fn fields(
    id: Option<SegmentId>,
    kind: SegmentKind,
    name: &str,
    weight: &str,
    label: &'static str,
) -> impl IntoView + use<> {
    let of = id.map_or_else(|| kind.as_str().to_owned(), |id| id.to_string());
    let (name_id, weight_id) = (format!("name-{of}"), format!("weight-{of}"));
    view! {
        <form
            class="segments__form keeps-draft"
            data-draft=format!("segment-{of}")
            method="post"
            action="/api/save_segment"
        >
            {id.map(|id| view! { <input type="hidden" name="id" value=id.to_string() /> })}
            <input type="hidden" name="kind" value=kind.as_str() />
            <div class="field">
                <label for=name_id.clone()>"Name"</label>
                <input id=name_id name="name" dir="auto" value=name.to_owned() required autocomplete="off" />
            </div>
            <div class="field segments__weight">
                <label for=weight_id.clone()>"Weight"</label>
                <input id=weight_id name="weight" value=weight.to_owned() inputmode="decimal" required />
            </div>
            <button class="button" type="submit">
                {label}
            </button>
        </form>
    }
}

/// Who belongs to what, one person a row.
fn people(
    segments: &[Segment],
    members: &[Member],
    memberships: &[(UserId, SegmentId)],
) -> impl IntoView + use<> {
    let kinds: Vec<SegmentKind> = SegmentKind::ALL
        .iter()
        .copied()
        .filter(|kind| segments.iter().any(|segment| segment.kind == *kind))
        .collect();
    let heads = kinds.iter().map(|kind| view! { <th scope="col">{kind.label()}</th> }).collect_view();
    let rows = members
        .iter()
        .map(|member| {
            let cells = kinds
                .iter()
                .map(|kind| {
                    let options = segments
                        .iter()
                        .filter(|segment| segment.kind == *kind)
                        .map(|segment| {
                            let chosen = memberships.contains(&(member.id, segment.id));
                            view! {
                                <option value=segment.id.to_string() selected=chosen>
                                    {segment.name.to_string()}
                                </option>
                            }
                        })
                        .collect_view();
                    view! {
                        <td>
                            <select
                                class="select"
                                name=format!("of[{}][{}]", kind.as_str(), FieldKey(member.id))
                                aria-label=format!("{} of {}", kind.label(), member.name)
                            >
                                <option value="">"None"</option>
                                {options}
                            </select>
                        </td>
                    }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row" dir="auto">
                        <span class="people__who">
                            <span aria-hidden="true">
                                <Avatar name=member.name.to_string() colour=member.colour />
                            </span>
                            {member.name.to_string()}
                        </span>
                    </th>
                    {cells}
                </tr>
            }
        })
        .collect_view();
    view! {
        <section class="segments__people" aria-labelledby="segment-members">
            <h2 id="segment-members">"Members"</h2>
            <form
                class="keeps-draft"
                data-draft="segment-members"
                method="post"
                action="/api/assign_segments"
            >
                <table class="table segments__table">
                    <thead>
                        <tr>
                            <th scope="col">"Name"</th>
                            {heads}
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </table>
                <button class="button button--primary" type="submit">
                    "Save"
                </button>
            </form>
        </section>
    }
}
