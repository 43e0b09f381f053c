//! What each server function takes: in which form, how much, and from whom.

/// How the arguments of a server function are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// `application/json`.
    Json,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `application/octet-stream`: a file as it is, with nothing around it.
    Bytes,
}

impl Encoding {
    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Bytes => "application/octet-stream",
        }
    }
}

/// The bounds of one server function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// Its name, behind `/api/`.
    pub function: &'static str,
    pub encoding: Encoding,
    /// The most bytes of a body.
    pub bytes: usize,
    /// Whether it takes the processor as long as a page does, and so one of the places for pages.
    pub is_heavy: bool,
}

impl Route {
    /// Whether those who may comment send it, however long it is.
    pub(crate) fn is_for_commenters(&self) -> bool {
        self.encoding == Encoding::Bytes
    }

    /// Whether a body may be so long that it is read from editors only, and few at a time.
    pub fn is_large(&self) -> bool {
        self.bytes > LARGEST_SMALL
    }

    const fn heavy(self) -> Self {
        Self { is_heavy: true, ..self }
    }
}

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// Longer bodies take a place among the few that are read at a time.
pub(crate) const LARGEST_SMALL: usize = MIB;

/// What a function takes that is in no row.
pub(crate) const DEFAULT: usize = 16 * KIB;

/// A file of [`domain::exchange::MAX_FILE`] bytes, whose quotes and line breaks take two bytes in JSON, and what goes with it.
const FILE: usize = 2 * domain::exchange::MAX_FILE + MIB;

const fn json(function: &'static str, bytes: usize) -> Route {
    Route { function, encoding: Encoding::Json, bytes, is_heavy: false }
}

const fn form(function: &'static str, bytes: usize) -> Route {
    Route { function, encoding: Encoding::Form, bytes, is_heavy: false }
}

/// What takes a file that somebody attaches. It is no server function: the body is nothing but the file.
const ATTACH: Route =
    Route { function: "", encoding: Encoding::Bytes, bytes: domain::MAX_FILE, is_heavy: false };

/// Every server function.
pub const ROUTES: &[Route] = &[
    // Signing in, and coming in with a link or a code.
    json("context", KIB),
    form("set_up", 4 * KIB),
    form("sign_in", 4 * KIB),
    form("demo_sign_in", 4 * KIB),
    form("sign_out", KIB),
    json("look_up_invitation", KIB),
    form("accept_invitation", 4 * KIB),
    form("enter_voting", 4 * KIB),
    // Members.
    json("invitations", KIB),
    // A name for each.
    form("invite", 32 * KIB),
    form("revoke_invitation", KIB),
    form("set_role", KIB),
    form("remove_member", KIB),
    // What holds for all products.
    json("workspace", KIB),
    form("save_workspace", KIB),
    // One's own account.
    json("account", KIB),
    form("save_profile", 4 * KIB),
    form("change_password", 4 * KIB),
    form("set_theme", KIB),
    form("end_session", KIB),
    form("revoke_feed", KIB),
    form("end_other_sessions", KIB),
    // Products and their roadmaps. A purpose is a text.
    json("home", KIB),
    form("set_favourite", KIB),
    form("move_favourite", KIB),
    json("favourites", KIB),
    // The keys of a portfolio.
    json("visit", 4 * KIB),
    form("create_product", 64 * KIB),
    form("edit_product", 64 * KIB),
    form("archive_product", 4 * KIB),
    form("save_template", 4 * KIB),
    json("item_templates", KIB),
    // All that an item has.
    json("save_item_template", 256 * KIB),
    json("bin_item_template", KIB),
    json("load_board", KIB).heavy(),
    json("load_portfolio", 16 * KIB).heavy(),
    json("move_item_to_product", KIB),
    json("load_bin", KIB).heavy(),
    // With the comments that a page holds.
    json("load_snapshot", 16 * KIB).heavy(),
    json("load_thread", KIB).heavy(),
    json("running_votes", KIB),
    json("history", KIB).heavy(),
    json("product_history", 4 * KIB).heavy(),
    json("load_past", 4 * KIB).heavy(),
    json("baseline_dates", KIB).heavy(),
    json("make_feed", KIB),
    form("name_baseline", 4 * KIB),
    form("remove_baseline", 4 * KIB),
    // The texts of an item with its comments.
    json("render_markdown", MIB).heavy(),
    // As many items as a bin may hold.
    form("restore_items", MIB),
    json("records", KIB),
    form("save_record", 128 * KIB),
    form("delete_record", 4 * KIB),
    form("restore_record", KIB),
    form("undo_record", KIB),
    json("save_view", 32 * KIB),
    json("delete_view", KIB),
    // As many products as a page shows.
    json("load_dependencies", 4 * KIB),
    json("load_computed", 4 * KIB).heavy(),
    json("add_dependency", 4 * KIB),
    json("change_dependency", 4 * KIB),
    json("remove_dependency", KIB),
    // The inbox, and who watches what.
    json("inbox", KIB),
    json("my_work", KIB),
    json("direction", KIB),
    form("add_objective", 32 * KIB),
    form("set_objective", 32 * KIB),
    json("load_scores", KIB).heavy(),
    // As many ratings as a model has criteria, each with a name that is escaped.
    form("rate_item", 8 * KIB),
    form("choose_score_model", KIB),
    form("reveal_ratings", KIB),
    form("apply_score_order", KIB).heavy(),
    form("undo_score_order", KIB).heavy(),
    form("add_key_result", 4 * KIB),
    form("set_key_result", 4 * KIB),
    form("bin_key_result", KIB),
    form("save_funding", 4 * KIB),
    form("bin_funding", KIB),
    form("set_budget", KIB),
    json("figures", KIB).heavy(),
    form("save_kpi", 32 * KIB),
    form("agree_kpi", KIB),
    form("bin_kpi", KIB),
    form("measure", 4 * KIB),
    // As many lines as are added at once, each escaped.
    form("measure_lines", 512 * KIB),
    form("remove_measurement", KIB),
    form("set_owners", KIB),
    json("vision", KIB).heavy(),
    // A text and what was seen of it, each escaped.
    form("publish_vision", 64 * KIB),
    form("rate_vision", 4 * KIB),
    form("save_strategy_block", 128 * KIB),
    form("confirm_strategy_block", KIB),
    form("bin_strategy_block", KIB),
    json("direction_tree", KIB).heavy(),
    json("alignment", KIB).heavy(),
    // Every cell, and what was seen of it.
    form("rate_alignment", 128 * KIB),
    json("money", KIB).heavy(),
    json("overview", KIB).heavy(),
    form("save_money", 4 * KIB),
    form("bin_money", KIB),
    // As many lines as are added at once, each escaped.
    form("money_lines", 512 * KIB),
    json("item_money", KIB),
    form("save_money_settings", KIB),
    json("outcomes", KIB).heavy(),
    // A note, and what was seen of it, each escaped.
    form("record_outcome", 64 * KIB),
    form("change_outcome", 128 * KIB),
    form("waive_outcome", 4 * KIB),
    form("bin_outcome", KIB),
    form("decide_use", KIB),
    json("reports", KIB).heavy(),
    json("retirement", KIB).heavy(),
    form("save_user_move", 8 * KIB),
    form("mark_moved", KIB),
    // A note and what was seen of it, each escaped.
    form("save_contract", 128 * KIB),
    form("bin_retirement", KIB),
    // What work is for, and the target.
    // As many products as a page shows.
    json("plan_frame", 4 * KIB),
    json("life_cycle", KIB).heavy(),
    // As many points as a checklist has, each escaped.
    form("move_stage", 64 * KIB),
    form("keep_playbook", KIB),
    json("solutions", KIB).heavy(),
    // A purpose, as many parts as a solution has, and what was seen of both, each escaped.
    form("save_solution", 128 * KIB),
    form("bin_solution", KIB),
    json("balance", KIB),
    form("set_target", 4 * KIB),
    form("remove_target", KIB),
    json("capacity", KIB),
    form("set_capacity", 4 * KIB),
    form("ask_capacity", 16 * KIB),
    form("answer_capacity", 8 * KIB),
    json("unread_notices", KIB),
    form("read_notices", KIB),
    form("watch_item", KIB),
    json("item_watch", KIB),
    // As many items as may wait for others.
    json("shift_items", MIB),
    // A line of text.
    json("search", 4 * KIB),
    json("product_access", KIB),
    form("show_product", KIB),
    form("grant_access", KIB),
    form("revoke_access", KIB),
    json("product_fields", KIB),
    form("create_field", 16 * KIB),
    // Every choice.
    form("save_field", 64 * KIB),
    form("use_field", KIB),
    form("move_field", KIB),
    json("preview_import", FILE).heavy(),
    json("run_import", FILE),
    json("import_progress", KIB),
    json("cancel_import", KIB),
    // The operations that lead back, with the texts that were replaced.
    json("undo_import", FILE),
    // Voting sessions.
    json("votings", KIB),
    json("waiting_votes", KIB),
    json("product_votings", KIB),
    json("voting", KIB),
    json("voting_results", 4 * KIB).heavy(),
    json("presentation", KIB),
    form("cast_ballot", 256 * KIB),
    json("customer_ballot", KIB),
    json("make_entry", 4 * KIB),
    json("show_entry", 4 * KIB),
    form("revoke_entry", 4 * KIB),
    form("remove_voter", 4 * KIB),
    form("withdraw_candidate", 4 * KIB),
    json("voting_setup", 64 * KIB).heavy(),
    json("voting_items", KIB).heavy(),
    form("save_voting", 256 * KIB),
    form("open_voting", 4 * KIB),
    form("extend_voting", 4 * KIB),
    form("close_voting", 4 * KIB),
    form("end_uncounted", 4 * KIB),
    form("reveal_voting", 4 * KIB),
    form("delete_voting", 4 * KIB),
    json("take_order", KIB),
    json("undo_take_order", MIB),
    json("segments", KIB),
    form("save_segment", 4 * KIB),
    form("remove_segment", 4 * KIB),
    // Every member's choice.
    form("assign_segments", MIB),
];

/// Whether a request at this path has a body, when it is none that reads.
pub(crate) fn has_body(path: &str) -> bool {
    path.starts_with("/api/") || is_attach(path)
}

fn is_attach(path: &str) -> bool {
    path.strip_prefix("/p/").and_then(|path| path.split_once('/')).is_some_and(|(_, rest)| rest == "files")
}

/// The bounds of the function at a path; `None` when it is in no row.
pub(crate) fn find(path: &str) -> Option<&'static Route> {
    if is_attach(path) {
        return Some(&ATTACH);
    }
    let function = path.strip_prefix("/api/")?;
    ROUTES.iter().find(|route| route.function == function)
}
