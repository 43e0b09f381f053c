//! The command line. `--help` is where most people learn what the program can do, so it explains and shows examples.

use std::{net::SocketAddr, path::PathBuf, str::FromStr};

use backend::exchange::Separator;
use clap::{Args, Parser, Subcommand, ValueEnum};
use domain::{
    Email, PersonName, ProductKey, ProductKind, ProductName, Purpose, Role, Stage, exchange::Target,
};
use tracing::level_filters::LevelFilter;

const EXAMPLES: &str = "\
Examples:
  cairn serve                                   serve on 127.0.0.1:3000, data in ./data/cairn.db
  cairn serve --demo                            look around in a sample organisation
  cairn serve --addr 0.0.0.0:80 --public-url https://roadmaps.example.org
  cairn user add --email ann@example.org --name 'Ann Smith' --role owner
  cairn product add --key ERP --name 'Planning'  add a product
  cairn import --product ERP goals.csv          add or update items from a file
  cairn export --product ERP --format json > erp.json
  cairn export --workspace --output all.jsonl    write everything as lines of JSON
  cairn check                                   verify the database; fails if anything is wrong
  cairn backup friday.db                        copy everything, while people work
  cairn migrate --from sqlite://data/cairn.db --to postgres://cairn@localhost/cairn

Every flag can be set in the environment instead: CAIRN_ADDR, CAIRN_DB, CAIRN_PUBLIC_URL and so on.";

/// Live product roadmaps for IT organisations: people edit them together, stakeholders vote on what matters.
///
/// One program, one database file. Open the address it prints; the first visitor creates the workspace and becomes
/// its owner.
#[derive(Debug, Parser)]
#[command(name = "cairn", version, after_help = EXAMPLES, max_term_width = 110)]
pub struct Cli {
    /// How much to log: error, warn, info, debug or trace.
    #[arg(long, env = "CAIRN_LOG", global = true, default_value = "info", value_name = "LEVEL")]
    pub log_level: LevelFilter,
    /// How to write the log, which goes to standard error.
    #[arg(long, env = "CAIRN_LOG_FORMAT", global = true, default_value = "text", value_name = "FORMAT")]
    pub log_format: LogFormat,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum LogFormat {
    /// Lines for people.
    Text,
    /// One JSON object per line.
    Json,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Serves the site until it is told to stop (Ctrl-C or SIGTERM).
    Serve(Serve),
    /// Adds or updates items of a product from a file: CSV, Excel (.xlsx), Trello's JSON or the output of “gh … --json”. With
    /// --workspace, imports a whole workspace into an empty database.
    ///
    /// What the columns mean is guessed from their names and values, printed, and can be corrected with --map. Rows whose key
    /// was imported before update their items. A value that cannot be taken is left out and listed with its cause; it never
    /// costs the row. Exits with 1 when nothing was imported.
    Import(Import),
    /// Writes the items of a product, or a whole workspace, to a file or to standard output.
    Export(Export),
    /// Manages products from the command line.
    Product(ProductArgs),
    /// Manages people from the command line.
    User(User),
    /// Verifies the database: every roadmap's rows equal the fold of its log, no number is missing, no reference
    /// dangles; every vote is what its ballots add up to, and the audit log is whole. Prints figures; exits with 1 when
    /// something is wrong.
    Check(Database),
    /// Counts the record of a voting session again, which anybody who may see its result can download.
    ///
    /// Verifies that each receipt is that of its ballot, its weight and the session's set-up, that no ballot breaks the rules, that
    /// there are as many as were cast, that they add up to the tally, and the digest. Needs no database. Exits with 1 when
    /// something is wrong.
    Recount(Recount),
    /// Writes a copy of everything into a new SQLite file, while people go on working, and compares it.
    ///
    /// Not in it is the file with the secret that keeps ballots apart from their voters (cairn.secret beside the
    /// database): keep a copy of that in another place.
    Backup(Backup),
    /// Fills an empty database from a backup. Stop the server first; pages that are open load their roadmaps anew.
    Restore(Restore),
    /// Moves everything from one database into an empty one of either kind, and compares it. Stop the server first.
    Migrate(Migrate),
}

/// Where the data is unless something else is said.
pub(crate) const DEFAULT_DB: &str = "sqlite://data/cairn.db";

/// Where the sample organisation is, so that it never mixes with anybody's own.
pub(crate) const DEMO_DB: &str = "sqlite://data/demo.db";

/// Where the data is.
#[derive(Clone, Debug, Args)]
pub struct Database {
    /// sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME. The file and its folder are made when missing.
    #[arg(long = "db", env = "CAIRN_DB", default_value = DEFAULT_DB, value_name = "URL")]
    pub url: String,
    /// Where files that people attach are kept: a folder, or s3://bucket/folder with the usual variables of AWS, in a Cairn that
    /// was built with the feature s3. By default cairn.files beside cairn.db, or data/cairn.files with PostgreSQL, where all
    /// processes need the same one.
    #[arg(long, env = "CAIRN_FILES", value_name = "PLACE")]
    pub files: Option<String>,
}

#[derive(Clone, Debug, Args)]
pub struct Serve {
    /// The address and port to listen on. Port 0 takes a free one.
    #[arg(long, env = "CAIRN_ADDR", default_value = "127.0.0.1:3000", value_name = "ADDRESS")]
    pub addr: SocketAddr,
    #[command(flatten)]
    pub database: Database,
    /// The address people type, when it differs: behind a proxy, say. With https:// cookies insist on encryption.
    #[arg(long, env = "CAIRN_PUBLIC_URL", value_name = "URL")]
    pub public_url: Option<String>,
    /// The folder with scripts and styles. By default `site` beside the program.
    #[arg(long, env = "CAIRN_SITE", value_name = "FOLDER")]
    pub site: Option<PathBuf>,
    /// Serves a sample organisation that anybody may sign in to, in a database of its own (data/demo.db unless --db
    /// is given).
    #[arg(long, env = "CAIRN_DEMO")]
    pub demo: bool,
    /// The file with the secret that keeps ballots apart from their voters; made when missing. By default beside the
    /// database's file, or data/cairn.secret with PostgreSQL, where all processes need the same one.
    #[arg(long, env = "CAIRN_SECRET_FILE", value_name = "FILE")]
    pub secret_file: Option<PathBuf>,
    /// How many operations a second one person may send in the long run, on all pages together; what is more has to wait. 0 for no limit.
    #[arg(long, env = "CAIRN_OPS_PER_SECOND", default_value_t = 200, value_name = "NUMBER")]
    pub ops_per_second: u32,
    /// How many requests a second that may change something one person may send in the long run, and a network address ten
    /// times as many. 0 for no limit.
    #[arg(long, env = "CAIRN_REQUESTS_PER_SECOND", default_value_t = 50, value_name = "NUMBER")]
    pub requests_per_second: u32,
    /// How many live connections there may be in all: open boards, and pages that follow a vote. 0 for no limit.
    #[arg(long, env = "CAIRN_MAX_CONNECTIONS", default_value_t = 20_000, value_name = "NUMBER")]
    pub max_connections: usize,
    /// How many of them from one network address, this machine's own aside. 0 for no limit.
    #[arg(long, env = "CAIRN_MAX_CONNECTIONS_PER_ADDRESS", default_value_t = 1_000, value_name = "NUMBER")]
    pub max_connections_per_address: usize,
    /// How many boards one person may have open. 0 for no limit.
    #[arg(long, env = "CAIRN_MAX_BOARDS_PER_PERSON", default_value_t = 40, value_name = "NUMBER")]
    pub max_boards_per_person: usize,
    /// How many MiB the files of one product may take. 0 for no limit.
    #[arg(long, env = "CAIRN_MAX_PRODUCT_FILES", default_value_t = 1_024, value_name = "MIB")]
    pub max_product_files: u64,
    /// How many MiB all files may take. 0 for no limit.
    #[arg(long, env = "CAIRN_MAX_FILES", default_value_t = 5_120, value_name = "MIB")]
    pub max_files: u64,
    /// Every request comes by a proxy that adds the address it came from to X-Forwarded-For: the last one there is counted.
    /// Never without such a proxy: anybody could claim to be anywhere.
    #[arg(long, env = "CAIRN_BEHIND_PROXY")]
    pub behind_proxy: bool,
    /// An address on which /metrics serves figures for Prometheus, beside /healthz and /readyz. It has no sign-in: choose
    /// one that only those who watch over the server can reach, such as 127.0.0.1:9090.
    #[arg(long, env = "CAIRN_METRICS_ADDR", value_name = "ADDRESS")]
    pub metrics_addr: Option<SocketAddr>,
}

#[derive(Debug, Args)]
pub struct Backup {
    #[command(flatten)]
    pub database: Database,
    /// The file to write. Must not be there yet.
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Restore {
    /// The empty place: sqlite://FILE or postgres://USER:PASSWORD@HOST/NAME.
    #[command(flatten)]
    pub database: Database,
    /// The backup to read.
    pub file: PathBuf,
}

#[derive(Debug, Args)]
pub struct Migrate {
    /// Where the data is, such as sqlite://data/cairn.db.
    #[arg(long, value_name = "URL")]
    pub from: String,
    /// The empty place it shall go to, such as postgres://cairn@localhost/cairn.
    #[arg(long, value_name = "URL")]
    pub to: String,
    /// Where its files are, if not beside it.
    #[arg(long, value_name = "PLACE")]
    pub from_files: Option<String>,
    /// Where its files shall go, if not beside the new place.
    #[arg(long, value_name = "PLACE")]
    pub to_files: Option<String>,
}

#[derive(Debug, Args)]
pub struct Recount {
    /// The downloaded record, such as record.json.
    pub file: PathBuf,
    /// The record's digest as the result page shows it. A record that was changed as a whole has another.
    #[arg(long, value_name = "DIGEST")]
    pub digest: Option<String>,
    /// Receipts that have to be in the record.
    #[arg(long, value_name = "RECEIPT")]
    pub receipt: Vec<String>,
}

#[derive(Debug, Args)]
pub struct Import {
    #[command(flatten)]
    pub database: Database,
    /// Key of the product to import into, such as ERP.
    #[arg(long, value_name = "KEY", required_unless_present = "workspace")]
    pub product: Option<ProductKey>,
    /// Imports a workspace export into an empty database. Stop the server first.
    #[arg(long, conflicts_with_all = ["product", "map", "answer", "questions", "dry_run", "strict"])]
    pub workspace: bool,
    /// What a column is, where it was guessed wrong: key, title, description, append (to the description), lane, type,
    /// investment, effort, start, end, owner, tags, tag_if_yes, priority, status, comment or ignore. Can be given several times.
    #[arg(long, value_name = "COLUMN=TARGET")]
    pub map: Vec<Assignment>,
    /// Chooses what becomes of a value or of the file, as --questions lists it: “status:blocked=tag”, “sheet=Roadmap”.
    /// Can be given several times.
    #[arg(long, value_name = "QUESTION=ANSWER")]
    pub answer: Vec<Answered>,
    /// Lists what can be chosen with --answer.
    #[arg(long)]
    pub questions: bool,
    /// Only says what would happen.
    #[arg(long)]
    pub dry_run: bool,
    /// Imports nothing if a row cannot be taken: one without a title, or whose item is in the bin.
    #[arg(long)]
    pub strict: bool,
    /// Accepted for scripts; rows that cannot be taken never keep out the others unless --strict is given.
    #[arg(long, hide = true)]
    pub skip_broken: bool,
    /// The file to read.
    pub file: PathBuf,
}

/// What a column is taken for: `Period=lane`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    pub column: String,
    pub target: Target,
}

impl FromStr for Assignment {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // A header may contain the sign, a target never does.
        let (column, target) = text
            .rsplit_once('=')
            .ok_or_else(|| format!("“{text}” names no target. Write it like Period=lane."))?;
        Ok(Self { column: column.trim().to_owned(), target: target.parse()? })
    }
}

/// The answer to a question about a file. A member or a lane is given with a sign of its own: `lane:q1==Now`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    pub question: String,
    pub answer: String,
}

impl FromStr for Answered {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (question, answer) = match text.split_once("==") {
            Some((question, name)) => (question, format!("={name}")),
            None => {
                let split = text.rsplit_once('=');
                let (question, answer) = split
                    .ok_or_else(|| format!("“{text}” is not an answer. Write it like status:blocked=tag."))?;
                (question, answer.to_owned())
            }
        };
        Ok(Self { question: question.to_owned(), answer })
    }
}

#[derive(Debug, Args)]
pub struct Export {
    #[command(flatten)]
    pub database: Database,
    /// The product's key, such as ERP.
    #[arg(long, value_name = "KEY", required_unless_present = "workspace")]
    pub product: Option<ProductKey>,
    /// Exports the whole workspace instead, as lines of JSON: what `cairn backup` copies, files included, for other programs. It
    /// is as secret as the database.
    #[arg(long, conflicts_with_all = ["product", "format", "separator"])]
    pub workspace: bool,
    /// What to write.
    #[arg(long, default_value = "csv", value_name = "FORMAT")]
    pub format: ExportFormat,
    /// What stands between the values of CSV: comma, semicolon or tab.
    #[arg(long, default_value = "comma", value_name = "SEPARATOR")]
    pub separator: Separator,
    /// The file to write, instead of standard output.
    #[arg(long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum ExportFormat {
    /// A table for spreadsheets.
    Csv,
    /// The same as an Excel workbook, with real numbers and dates.
    Xlsx,
    /// Everything, for other programs.
    Json,
}

#[derive(Debug, Args)]
pub struct ProductArgs {
    #[command(subcommand)]
    pub command: ProductCommand,
}

#[derive(Debug, Subcommand)]
pub enum ProductCommand {
    /// Adds a product with an empty roadmap.
    Add(ProductAdd),
    /// Lists the products, one a line: key, name and, where it is so, “archived”, with tabs between.
    List(Database),
}

#[derive(Debug, Args)]
pub struct ProductAdd {
    #[command(flatten)]
    pub database: Database,
    /// Begins the keys of its items: 2 to 10 letters and digits, such as ERP.
    #[arg(long, value_name = "KEY")]
    pub key: ProductKey,
    /// The product's name.
    #[arg(long, value_name = "NAME")]
    pub name: ProductName,
    /// service, application, platform, revenue_product or support_service.
    #[arg(long, default_value = "service", value_name = "KIND")]
    pub kind: ProductKind,
    /// ideation, development, launch, growth, maturity or retirement.
    #[arg(long, default_value = "development", value_name = "STAGE")]
    pub stage: Stage,
    /// What it is for, in one line.
    #[arg(long, default_value = "", value_name = "TEXT")]
    pub purpose: Purpose,
}

#[derive(Debug, Args)]
pub struct User {
    #[command(subcommand)]
    pub command: UserCommand,
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds a member without an invitation. The first one must be an owner and founds the workspace.
    Add(UserAdd),
}

#[derive(Debug, Args)]
pub struct UserAdd {
    #[command(flatten)]
    pub database: Database,
    /// The e-mail address to sign in with.
    #[arg(long, value_name = "ADDRESS")]
    pub email: Email,
    /// The person's name.
    #[arg(long, value_name = "NAME")]
    pub name: PersonName,
    /// owner, editor, stakeholder (votes and comments) or viewer.
    #[arg(long, value_name = "ROLE")]
    pub role: Role,
    /// The password. Without one, a password is made up and printed.
    #[arg(long, env = "CAIRN_PASSWORD", hide_env_values = true, value_name = "PASSWORD")]
    pub password: Option<String>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
