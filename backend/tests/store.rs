//! Stories about what is kept, each told on SQLite and on PostgreSQL.
//!
//! PostgreSQL is a cluster made in a temporary folder, or the server at `TEST_DATABASE_URL`, in which each story gets
//! a database of its own. Where neither can be had, the suite says so in a line beginning with `SKIPPED:`.

#![expect(clippy::unwrap_used, reason = "a story that cannot go on has failed")]

#[path = "store/access.rs"]
mod access;
#[path = "store/account.rs"]
mod account;
#[path = "store/balance.rs"]
mod balance;
#[path = "store/copying.rs"]
mod copying;
#[path = "store/dependencies.rs"]
mod dependencies;
#[path = "store/direction.rs"]
mod direction;
#[path = "store/exchange.rs"]
mod exchange;
#[path = "store/exporting.rs"]
mod exporting;
#[path = "store/feeds.rs"]
mod feeds;
#[path = "store/figures.rs"]
mod figures;
#[path = "store/files.rs"]
mod files;
#[path = "store/funding.rs"]
mod funding;
#[path = "store/golden.rs"]
mod golden;
#[path = "store/growth.rs"]
mod growth;
#[path = "store/harness.rs"]
mod harness;
#[path = "store/history.rs"]
mod history;
#[path = "store/home.rs"]
mod home;
#[path = "store/inbox.rs"]
mod inbox;
#[path = "store/invitations.rs"]
mod invitations;
#[path = "store/lifecycle.rs"]
mod lifecycle;
#[path = "store/matrix.rs"]
mod matrix;
#[path = "store/money.rs"]
mod money;
#[path = "store/moving.rs"]
mod moving;
#[path = "store/opening.rs"]
mod opening;
#[path = "store/outage.rs"]
mod outage;
#[path = "store/outcomes.rs"]
mod outcomes;
#[path = "store/past.rs"]
mod past;
#[path = "store/people.rs"]
mod people;
#[path = "store/playbooks.rs"]
mod playbooks;
#[path = "store/presence.rs"]
mod presence;
#[path = "store/product_history.rs"]
mod product_history;
#[path = "store/products.rs"]
mod products;
#[path = "store/records.rs"]
mod records;
#[path = "store/retirement.rs"]
mod retirement;
#[path = "store/rooms.rs"]
mod rooms;
#[path = "store/scores.rs"]
mod scores;
#[path = "store/search.rs"]
mod search;
#[path = "store/solutions.rs"]
mod solutions;
#[path = "store/stream.rs"]
mod stream;
#[path = "store/templates.rs"]
mod templates;
#[path = "store/texts.rs"]
mod texts;
#[path = "store/views.rs"]
mod views;
#[path = "store/vision.rs"]
mod vision;
#[path = "store/voting.rs"]
mod voting;
#[path = "store/voting_casts.rs"]
mod voting_casts;
#[path = "store/voting_close.rs"]
mod voting_close;
#[path = "store/voting_guests.rs"]
mod voting_guests;
#[path = "store/voting_loop.rs"]
mod voting_loop;
#[path = "store/voting_results.rs"]
mod voting_results;
#[path = "store/voting_secret.rs"]
mod voting_secret;
#[path = "store/voting_turnout.rs"]
mod voting_turnout;
