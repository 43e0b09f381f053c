//! Quarters in what is exported.

use super::{super::json, *};

#[test]
fn a_quarter_is_that_of_the_workspaces_year_and_is_not_read_back() {
    let mut product = Product::new("ERP");
    product
        .import("Title,Lane,Start,End\nLast,Now,2027-01-01,2027-03-31\nFirst,Now,2027-04-01,\nNone,Now,,\n");
    let export = product.export();
    let quarters: Vec<&str> = export.lines().map(|line| line.rsplit_once(',').unwrap().1).collect();
    assert_eq!(quarters, ["Fiscal quarter", "Q4 FY27", "Q1 FY28", ""]);
    assert_eq!(product.import(&export), (0, 0, 3));
    assert_eq!(product.import(&export.replace("Q4 FY27", "Q1 FY20")), (0, 0, 3));

    let profile = domain::Product {
        id: domain::ProductId::NIL,
        roadmap: RoadmapId::NIL,
        key: product.key.clone(),
        name: "ERP".parse().unwrap(),
        kind: domain::ProductKind::Service,
        stage: domain::Stage::Growth,
        purpose: "".parse().unwrap(),
        archived: false,
        restricted: false,
        role: Role::Editor,
    };
    let json = json::write(
        &profile,
        &product.roadmap,
        &[],
        april(),
        json::Voters::Counted,
        (&[], &[]),
        Timestamp(1),
    );
    let json: serde_json::Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["fiscal_year_begins"], 4);
    let quarter = |item: usize| json["lanes"][0]["items"][item]["fiscal_quarter"].as_str();
    assert_eq!([quarter(0), quarter(1), quarter(2)], [Some("2027-Q4"), Some("2028-Q1"), None]);
}
