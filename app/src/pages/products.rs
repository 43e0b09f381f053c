//! The portfolio: every product, and making one.

pub(crate) mod api;

use domain::{ProductKind, ProductSummary, Stage, counted};
use leptos::{either::Either, form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::components::{A, Redirect};

use crate::{
    api::{FormState, use_form},
    frame::{ErrorPage, Session, may_edit},
    pages::{
        products::api::CreateProduct,
        voting::{self, WaitingForYou, api::Waiting},
    },
    ui::{FormError, SelectField, TextField},
};

/// The first page: what there is, and for editors the form for something new.
#[component]
pub fn ProductsPage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let summaries = Resource::new_blocking(|| (), |()| api::products());
    let waiting = Resource::new_blocking(|| (), |()| voting::api::waiting_votes());
    let form = use_form::<CreateProduct>();
    view! {
        <Title text="Products" />
        <div class="page">
            <Suspense>
                {move || Suspend::new(async move {
                    let context = match session.await {
                        Ok(context) => context,
                        Err(error) => return view! { <ErrorPage error /> }.into_any(),
                    };
                    if context.workspace_name.is_none() {
                        return view! { <Redirect path="/setup" /> }.into_any();
                    }
                    let edits = may_edit(&context);
                    let invites = context.me.as_ref().is_some_and(|me| me.role.can_manage_people());
                    match summaries.await {
                        Err(error) => view! { <ErrorPage error /> }.into_any(),
                        Ok(list) if list.is_empty() => view! { <Nothing edits invites form /> }.into_any(),
                        Ok(list) => {
                            // The list is there without it.
                            let waiting = waiting.await.unwrap_or_default();
                            view! { <List list waiting edits form /> }.into_any()
                        }
                    }
                })}
            </Suspense>
        </div>
    }
}

/// What a product is, for those who have none yet.
#[component]
fn Nothing(edits: bool, invites: bool, form: FormState<CreateProduct>) -> impl IntoView {
    let action = if edits {
        Either::Left(view! {
            <div class="panel">
                <NewProduct form />
            </div>
        })
    } else {
        Either::Right(view! { <p>"An editor or owner of the workspace can add the first one."</p> })
    };
    view! {
        <div class="empty products__empty">
            <Waymark />
            <h1>"Begin with one product"</h1>
            <p>
                "A product is anything your IT runs for somebody: a service, an application, a platform. Each has a roadmap that people plan on together."
            </p>
            {action}
            {invites
                .then(|| {
                    view! {
                        <a class="button" href="/people">
                            "Invite people first"
                        </a>
                    }
                })}
        </div>
    }
}

#[component]
fn List(
    list: Vec<ProductSummary>,
    waiting: Waiting,
    edits: bool,
    form: FormState<CreateProduct>,
) -> impl IntoView {
    let (archived, current): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|summary| summary.product.archived);
    let count = counted(current.len(), "product", "products");
    view! {
        <div class="products__head">
            <header class="page__header">
                <h1>"Products"</h1>
                <p class="page__count">{count}</p>
            </header>
            {edits
                .then(|| {
                    view! {
                        <details class="products__new" open=form.was_refused()>
                            <summary class="button">"New product"</summary>
                            <div class="panel">
                                <NewProduct form />
                            </div>
                        </details>
                    }
                })}
        </div>
        <WaitingForYou votes=waiting />
        <table class="table products">
            <thead>
                <tr>
                    <th scope="col">"Name"</th>
                    <th scope="col">"Key"</th>
                    <th scope="col" class="products__wide">
                        "Kind"
                    </th>
                    <th scope="col" class="products__stage">
                        "Stage"
                    </th>
                    <th scope="col" class="products__number">
                        "Items"
                    </th>
                    <th scope="col" class="products__number">
                        "Upvotes"
                    </th>
                </tr>
            </thead>
            <tbody>{current.into_iter().map(|summary| view! { <Row summary /> }).collect_view()}</tbody>
        </table>
        {(!archived.is_empty()).then(|| view! { <Archived list=archived /> })}
    }
}

#[component]
fn Row(summary: ProductSummary) -> impl IntoView {
    let ProductSummary { product, items, votes } = summary;
    view! {
        <tr>
            <td>
                <A href=format!("/p/{}", product.key) attr:class="products__name" attr:dir="auto">
                    {product.name.to_string()}
                </A>
                <p class="products__purpose" dir="auto">
                    {product.purpose.to_string()}
                </p>
            </td>
            <td class="products__key">{product.key.to_string()}</td>
            <td class="products__wide">{product.kind.label()}</td>
            <td class="products__stage">
                <span class=format!("dot dot--{}", product.stage.as_str())></span>
                {product.stage.label()}
            </td>
            <td class="products__number">{items}</td>
            <td class="products__number">{votes}</td>
        </tr>
    }
}

#[component]
fn Archived(list: Vec<ProductSummary>) -> impl IntoView {
    view! {
        <details class="products__archived">
            <summary>{format!("Archived ({})", list.len())}</summary>
            <ul>
                {list
                    .into_iter()
                    .map(|summary| {
                        let product = summary.product;
                        view! {
                            <li>
                                <A href=format!("/p/{}/settings", product.key) attr:dir="auto">
                                    {product.name.to_string()}
                                </A>
                                " "
                                <span class="products__key">{product.key.to_string()}</span>
                            </li>
                        }
                    })
                    .collect_view()}
            </ul>
        </details>
    }
}

/// The form for a new product.
#[component]
fn NewProduct(form: FormState<CreateProduct>) -> impl IntoView {
    view! {
        <ActionForm action=form.action attr:class="stack products__form keeps-draft" attr:data-draft="new-product">
            <FormError error=form.general_error() />
            <TextField
                name="name"
                label="Name"
                value=form.typed("name")
                error=form.error_of("name")
                placeholder="Desktop support"
            />
            <TextField
                name="key"
                label="Key"
                value=form.typed("key")
                error=form.error_of("key")
                hint="2 to 10 letters and digits. Items are named after it, like DESK-12, so it cannot be changed later."
                placeholder="DESK"
            />
            <ProfileFields
                kind=form.typed("kind")
                stage=form.typed("stage")
                purpose=form.typed("purpose")
                purpose_error=form.error_of("purpose")
            />
            <button class="button button--primary" type="submit" disabled=form.pending()>
                "Create the product"
            </button>
        </ActionForm>
    }
}

/// Kind, stage and purpose, as the forms for new and for known products have them.
#[component]
pub(super) fn ProfileFields(
    kind: String,
    stage: String,
    purpose: String,
    #[prop(into)] purpose_error: Signal<Option<String>>,
) -> impl IntoView {
    view! {
        <SelectField
            name="kind"
            label="Kind"
            choices=ProductKind::ALL.iter().map(|kind| (kind.as_str(), kind.label())).collect()
            value=kind
        />
        <SelectField
            name="stage"
            label="Life-cycle stage"
            choices=Stage::ALL.iter().map(|stage| (stage.as_str(), stage.label())).collect()
            value=stage
        />
        <TextField
            name="purpose"
            label="Purpose"
            value=purpose
            error=purpose_error
            required=false
            hint="What it is for, in one line."
        />
    }
}

/// Three stones on one another: a way-mark.
#[component]
fn Waymark() -> impl IntoView {
    view! {
        <svg class="products__waymark" viewBox="0 0 96 72" aria-hidden="true">
            <ellipse cx="48" cy="58" rx="34" ry="10"></ellipse>
            <ellipse cx="46" cy="38" rx="24" ry="9"></ellipse>
            <ellipse cx="50" cy="20" rx="15" ry="8"></ellipse>
        </svg>
    }
}
