//! What each command does.

mod copying;
mod exchange;
mod output;
mod recount;

use std::process::ExitCode;

use anyhow::{Context, Result};
use backend::{
    Backend, FileSettings,
    people::{NewUser, Password},
};

use crate::{
    cli::{
        Cli, Command, DEFAULT_DB, DEMO_DB, Database, ProductAdd, ProductCommand, Serve, UserAdd, UserCommand,
    },
    live::Limits,
    start::{Settings, start},
};

/// Runs a command to its end.
///
/// # Errors
/// A sentence for the person at the terminal.
pub async fn run(cli: Cli) -> Result<ExitCode> {
    match cli.command {
        Command::Serve(flags) => serve(flags).await,
        Command::Import(flags) => exchange::import(flags).await,
        Command::Export(flags) => exchange::export(flags).await,
        Command::Product(product) => match product.command {
            ProductCommand::Add(flags) => add_product(flags).await,
            ProductCommand::List(database) => list_products(&database).await,
        },
        Command::User(user) => match user.command {
            UserCommand::Add(flags) => add_user(flags).await,
        },
        Command::Check(database) => check(&database).await,
        Command::Recount(flags) => recount::recount(&flags),
        Command::Backup(flags) => copying::backup(flags).await,
        Command::Restore(flags) => copying::restore(flags).await,
        Command::Migrate(flags) => copying::migrate(flags).await,
    }
}

async fn serve(flags: Serve) -> Result<ExitCode> {
    let db = match flags.database.url {
        url if flags.demo && url == DEFAULT_DB => DEMO_DB.to_owned(),
        url => url,
    };
    let files = FileSettings {
        place: flags.database.files,
        product_mib: flags.max_product_files,
        all_mib: flags.max_files,
    };
    let running = start(Settings {
        addr: flags.addr,
        db,
        files,
        secret_file: flags.secret_file,
        public_url: flags.public_url.clone(),
        site: flags.site,
        demo: flags.demo,
        ops_per_second: flags.ops_per_second,
        requests_per_second: flags.requests_per_second,
        limits: Limits {
            in_all: flags.max_connections,
            per_address: flags.max_connections_per_address,
            per_person: flags.max_boards_per_person,
        },
        behind_proxy: flags.behind_proxy,
        metrics: flags.metrics_addr,
    })
    .await?;
    let address = flags.public_url.unwrap_or_else(|| format!("http://{}", running.addr));
    println!("Cairn is at {address}");
    stop_signal().await.context("The signals to stop cannot be heard")?;
    tracing::info!("stopping");
    running.stop().await;
    Ok(ExitCode::SUCCESS)
}

/// Waits for Ctrl-C or, on Unix, SIGTERM.
async fn stop_signal() -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let mut terminate = signal(SignalKind::terminate())?;
        tokio::select! {
            interrupted = tokio::signal::ctrl_c() => interrupted,
            _ = terminate.recv() => Ok(()),
        }
    }
    #[cfg(not(unix))]
    tokio::signal::ctrl_c().await
}

async fn close(backend: Backend) {
    backend.rooms.drain().await;
    backend.db.close().await;
}

async fn check(database: &Database) -> Result<ExitCode> {
    let files = FileSettings { place: database.files.clone(), ..FileSettings::default() };
    let backend = Backend::open_existing(&database.url).await?.with_files(files)?;
    let figures = backend.check().await?;
    println!("roadmaps  {:>9}", figures.roadmaps);
    println!("lanes     {:>9}", figures.lanes);
    println!("items     {:>9}", figures.items);
    println!("comments  {:>9}", figures.comments);
    println!("upvotes   {:>9}", figures.votes);
    println!("sessions  {:>9}", figures.sessions);
    println!("ballots   {:>9}", figures.ballots);
    println!("files     {:>9}", figures.files);
    if figures.unused_files > 0 {
        println!("unused    {:>9}  files that belong to nothing and may be removed", figures.unused_files);
    }
    println!("entries   {:>9}", figures.entries);
    println!("pages     {:>9}", figures.pages);
    println!("audited   {:>9}", figures.audited);
    close(backend).await;
    if figures.problems.is_empty() {
        println!(
            "All is well: every roadmap equals the fold of its log, every vote its ballots, and the audit log is whole."
        );
        return Ok(ExitCode::SUCCESS);
    }
    for problem in &figures.problems {
        eprintln!("{problem}");
    }
    Ok(ExitCode::FAILURE)
}

async fn add_product(flags: ProductAdd) -> Result<ExitCode> {
    let backend = Backend::open_existing(&flags.database.url).await?;
    let profile = backend::Profile {
        name: backend::tidy(&flags.name).parse()?,
        kind: flags.kind,
        stage: flags.stage,
        purpose: flags.purpose,
    };
    let product = backend.people().first_owner().await?.create_product(flags.key, profile).await?;
    println!("{} is a product now: {}.", product.key, &*product.name);
    close(backend).await;
    Ok(ExitCode::SUCCESS)
}

async fn list_products(database: &Database) -> Result<ExitCode> {
    let backend = Backend::open_existing(&database.url).await?;
    for product in backend.people().first_owner().await?.products().await? {
        let archived = if product.archived { "\tarchived" } else { "" };
        println!("{}\t{}{archived}", product.key, &*product.name);
    }
    close(backend).await;
    Ok(ExitCode::SUCCESS)
}

async fn add_user(flags: UserAdd) -> Result<ExitCode> {
    let backend = Backend::open(&flags.database.url).await?;
    let people = backend.people();
    let made_up = flags.password.is_none();
    let password = flags.password.map_or_else(
        || Ok(people.generate_password()),
        |text| Password::parse(&text, &[&flags.name, &flags.email]),
    )?;
    let shown = password.reveal().to_owned();
    let (email, role) = (flags.email.clone(), flags.role);
    people
        .add_user(NewUser {
            email: flags.email,
            name: backend::tidy(&flags.name).parse()?,
            role,
            password: Some(password),
        })
        .await?;
    println!("{email} may now sign in as {role}.");
    if made_up {
        println!("Password: {shown}");
    }
    close(backend).await;
    Ok(ExitCode::SUCCESS)
}
