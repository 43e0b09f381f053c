//! What is said about a product, and its archive.

use domain::Product;
use leptos::{either::Either, form::ActionForm, prelude::*};
use leptos_meta::Title;
use leptos_router::hooks::use_params_map;

use super::{product_page::settings_tabs, products::ProfileFields};
use crate::{
    api::{ApiError, FormState, use_form, use_form_and},
    frame::{ErrorPage, ProductBar, Session, may_edit},
    pages::products::api::{ArchiveProduct, EditProduct, SaveTemplate},
    ui::{FormError, TextField, Toasts},
};

/// A product's settings: its profile, and archiving it.
#[component]
pub fn SettingsPage() -> impl IntoView {
    let session = expect_context::<Session>().0;
    let params = use_params_map();
    let key = Memo::new(move |_| params.with(|params| params.get("key")).unwrap_or_default());
    let toasts = expect_context::<Toasts>();
    let edit = use_form_and::<EditProduct>(move || {
        toasts.info("Saved.");
        session.refetch();
    });
    let archive = use_form::<ArchiveProduct>();
    let template = use_form::<SaveTemplate>();
    view! {
        <Transition>
            {move || {
                let key = key.get();
                Suspend::new(async move {
                    let context = match session.await {
                        Ok(context) => context,
                        Err(error) => return view! { <ErrorPage error /> }.into_any(),
                    };
                    if context.me.is_none() {
                        let error = ApiError::new(401, "You are not signed in.");
                        return view! { <ErrorPage error /> }.into_any();
                    }
                    let owns = context.me.as_ref().is_some_and(|me| me.role.can_manage_people());
                    let makes = may_edit(&context);
                    let wanted = |product: &Product| product.key.eq_ignore_ascii_case(&key);
                    match context.products.into_iter().find(wanted) {
                        Some(product) => view! { <Content product owns makes edit archive template /> }.into_any(),
                        None => {
                            let error = ApiError::new(404, format!("There is no product {key} here."));
                            view! { <ErrorPage error /> }.into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Content(
    product: Product,
    owns: bool,
    makes: bool,
    edit: FormState<EditProduct>,
    archive: FormState<ArchiveProduct>,
    template: FormState<SaveTemplate>,
) -> impl IntoView {
    let title = format!("Settings of {}", product.name);
    let tabs = settings_tabs(&product.key, "settings", owns);
    let body = if product.role.can_edit() {
        Either::Left(view! {
            <Profile product=product.clone() form=edit />
            {makes.then(|| view! { <AsTemplate product=product.clone() form=template /> })}
            <Archive product=product.clone() form=archive />
        })
    } else {
        Either::Right(view! { <Facts product=product.clone() /> })
    };
    view! {
        <Title text=title />
        <ProductBar product view="settings" />
        <div class="page page--reading settings">
            <header class="page__header">
                <h1>"Settings"</h1>
            </header>
            {tabs}
            {body}
        </div>
    }
}

#[component]
fn Profile(product: Product, form: FormState<EditProduct>) -> impl IntoView {
    let draft = format!("settings-{}", product.key);
    view! {
        <section class="panel" aria-labelledby="profile">
            <h2 id="profile">"Profile"</h2>
            <ActionForm action=form.action attr:class="stack keeps-draft" attr:data-draft=draft>
                <FormError error=form.general_error() />
                <input type="hidden" name="key" value=product.key.to_string() />
                <TextField
                    name="name"
                    label="Name"
                    value=form.typed_or("name", &product.name)
                    error=form.error_of("name")
                />
                <div class="field">
                    <label for="settings-key">"Key"</label>
                    <input
                        id="settings-key"
                        value=product.key.to_string()
                        readonly
                        aria-describedby="settings-key-hint"
                    />
                    <p class="field__hint" id="settings-key-hint">
                        "Can’t be changed: item numbers and links use it."
                    </p>
                </div>
                <div class="field">
                    <span class="field__label">"Life-cycle stage"</span>
                    <p>
                        {product.stage.label()} " "
                        <a href=format!("/lifecycle?product={}", product.key)>"Move to another stage"</a>
                    </p>
                </div>
                <ProfileFields
                    kind=form.typed_or("kind", product.kind.as_str())
                    purpose=form.typed_or("purpose", &product.purpose)
                    purpose_error=form.error_of("purpose")
                />
                <button class="button button--primary" type="submit" disabled=form.pending()>
                    "Save"
                </button>
            </ActionForm>
        </section>
    }
}

/// Saves the product's set-up for others to begin with.
#[component]
fn AsTemplate(product: Product, form: FormState<SaveTemplate>) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="as-template">
            <h2 id="as-template">"Template"</h2>
            <p>
                "Save the lanes with their limits, the fields and the shared views for new products to begin with. Everyone in the workspace can see templates."
            </p>
            <ActionForm action=form.action attr:class="stack">
                <FormError error=form.general_error() />
                <input type="hidden" name="key" value=product.key.to_string() />
                <TextField
                    name="template"
                    label="Template name"
                    value=form.typed("template")
                    error=form.error_of("template")
                    placeholder="Service with two trial lanes"
                />
                <label class="filter-menu__choice">
                    <input type="checkbox" name="items" value="yes" />
                    "With the items’ titles"
                </label>
                <div class="row">
                    <button class="button" type="submit" disabled=form.pending()>
                        "Save as template"
                    </button>
                    <a class="button button--quiet" href="/templates">
                        "All templates"
                    </a>
                </div>
            </ActionForm>
        </section>
    }
}

#[component]
fn Archive(product: Product, form: FormState<ArchiveProduct>) -> impl IntoView {
    let (heading, says, label) = if product.archived {
        (
            "Restore",
            "The product is archived: its roadmap can be read but not changed.",
            "Restore the product",
        )
    } else {
        (
            "Archive",
            "An archived product leaves the list, and its roadmap can only be read. You can restore it at any time.",
            "Archive the product",
        )
    };
    view! {
        <section class="panel" aria-labelledby="archive">
            <h2 id="archive">{heading}</h2>
            <p>{says}</p>
            <ActionForm action=form.action>
                <FormError error=form.general_error() />
                <input type="hidden" name="key" value=product.key.to_string() />
                <input type="hidden" name="archived" value=(!product.archived).to_string() />
                <button class="button" type="submit" disabled=form.pending()>
                    {label}
                </button>
            </ActionForm>
        </section>
    }
}

/// What those see who may not change it.
#[component]
fn Facts(product: Product) -> impl IntoView {
    view! {
        <section class="panel" aria-labelledby="profile">
            <h2 id="profile">"Profile"</h2>
            <dl class="settings__facts">
                <dt>"Key"</dt>
                <dd>{product.key.to_string()}</dd>
                <dt>"Kind"</dt>
                <dd>{product.kind.label()}</dd>
                <dt>"Life-cycle stage"</dt>
                <dd>{product.stage.label()}</dd>
                <dt>"Purpose"</dt>
                <dd dir="auto">{product.purpose.to_string()}</dd>
            </dl>
            <p>"Editors and owners can change this."</p>
        </section>
    }
}
