use proptest::prelude::*;

use super::*;
use crate::{ItemFields, ItemId, LaneId, Rank, Stamp, Timestamp, UserId, Value};

fn number(text: &str) -> Number {
    text.parse().unwrap()
}

fn names() -> Vec<String> {
    ["Need", "Business value", "Effort"].map(str::to_owned).into()
}

/// What a formula comes to with need 4, business value 2.5 and effort 0.
fn value(text: &str) -> Result<String, NoScore> {
    let inputs = ["4", "2.5", "0"].map(|text| Some(number(text)));
    Formula::parse(text, &names()).unwrap().value(&inputs).map(|number| number.to_string())
}

#[test]
fn numbers_are_rounded_to_hundredths_half_away_from_zero() {
    for (top, bottom, hundredths) in
        [(13, 3, 433), (1, 200, 1), (-1, 200, -1), (1, 201, 0), (-7, 2, -350), (0, 1, 0), (199, 200, 100)]
    {
        let number = Number::fraction(top, bottom).unwrap();
        assert_eq!(number.rounded_hundredths(), Some(hundredths), "{number}");
    }
    assert_eq!(Number::whole(i64::MAX).rounded_hundredths(), None);
}

#[test]
fn a_formula_counts_as_people_do() {
    for (formula, result) in [
        ("1 + 2 × 3", "7"),
        ("(1 + 2) * 3", "9"),
        ("7 − 2 − 1", "4"),
        ("8 ÷ 4 / 2", "1"),
        ("-need + 10", "6"),
        ("need × BUSINESS   value", "10"),
        ("min(need, 3, 7) + max(1, 2)", "5"),
        ("if(need > 3, business value, 0)", "2.5"),
        ("if(need ≤ 3, business value, if(effort = 0, 1, 2))", "1"),
        ("if(need != 4, 1, 1 ÷ 3)", "0.33"),
        ("2 ÷ 3 × 3", "2"),
        ("0 − 0.005", "−0.01"),
        ("1 − 2.5", "−1.5"),
    ] {
        assert_eq!(value(formula), Ok(result.to_owned()), "{formula}");
    }
}

#[test]
fn what_is_no_formula_is_refused_where_it_ends_to_be_one() {
    for (text, at, part) in [
        ("", 0, "write a formula"),
        ("need +", 6, "ends in the middle"),
        ("need + × 2", 7, "missing before this sign"),
        ("(need + 1", 0, "never closed"),
        ("need + 1)", 8, "never opened"),
        ("2 need", 2, "sign missing"),
        ("need + speed", 7, "There are: Need, Business value, Effort."),
        ("need % 2", 5, "“%” has no meaning"),
        ("1.2.3", 0, "“1.2.3” isn’t a number"),
        ("avg(need)", 0, "no function “avg”"),
        ("min + 1", 0, "min needs parentheses"),
        ("if(need, 1, 2)", 7, "if compares two things"),
        ("if(need > 1, 2)", 14, "three parts"),
        ("if(need > 1, 2, 3, 4)", 17, "part too many"),
        ("need > 2", 5, "only in if"),
        ("1, 2", 1, "min, max and if"),
    ] {
        let error = Formula::parse(text, &names()).unwrap_err();
        assert_eq!(error.at, at, "{text}: {error}");
        assert!(error.sentence.contains(part), "{text}: {error}");
    }
    let told = Formula::parse("need + speed", &names()).unwrap_err().to_string();
    assert!(told.starts_with("At character 8: there is no criterion “speed”"), "{told}");
}

#[test]
fn a_formula_is_no_longer_deeper_and_larger_than_it_may_be() {
    for (text, part) in [
        ("1 + ".repeat(300) + "1", "1000 characters"),
        ("(".repeat(25) + "1", "24 deep"),
        ("-".repeat(25) + "1", "24 deep"),
        ("1+".repeat(150) + "1", "200 numbers"),
    ] {
        let error = Formula::parse(&text, &[]).unwrap_err();
        assert!(error.sentence.contains(part), "{error}");
    }
    assert!(Formula::parse(&("(".repeat(24) + "1" + &")".repeat(24)), &[]).is_ok());
}

#[test]
fn what_has_no_score_says_why() {
    let divided = |what: &str| Err(NoScore::DividedByNothing(what.to_owned()));
    assert_eq!(value("need ÷ effort"), divided("Effort"));
    assert_eq!(value("need ÷ (effort × (1 + need))"), divided("Effort × (1 + Need)"));
    assert_eq!(value("if(effort > 0, need ÷ effort, 0)"), Ok("0".to_owned()), "not divided");
    let large = "999999999999 × 999999999999 × 999999999999 × 999999999999";
    assert_eq!(value(large), Err(NoScore::TooLarge));
    let formula = Formula::parse("need + effort", &names()).unwrap();
    assert_eq!(formula.value(&[None, None, None]), Err(NoScore::Missing(vec![0, 2])));
}

fn inputs(model: &ScoreModel, values: &[&str]) -> Vec<Input> {
    assert_eq!(model.criteria.len(), values.len());
    let input = |text: &&str| Input { value: text.parse().ok(), ratings: None };
    values.iter().map(input).collect()
}

/// Items by numbers, in the order of their scores.
fn score(model: &ScoreModel, items: &[&[&str]]) -> Vec<Scored> {
    let items = (1_u8..)
        .zip(items)
        .map(|(item, values)| (ItemId::new(u64::from(item), [item; 10]), inputs(model, values)));
    ranked(model, items.collect())
}

fn told(scored: &[Scored]) -> Vec<(usize, String)> {
    let score = |item: &Scored| item.score.as_ref().map_or_else(|_| "–".to_owned(), Number::to_string);
    scored.iter().map(|item| (item.own + 1, score(item))).collect()
}

fn is(scored: &[Scored], expected: &[(usize, &str)]) {
    let expected: Vec<(usize, String)> =
        expected.iter().map(|(item, score)| (*item, (*score).to_owned())).collect();
    assert_eq!(told(scored), expected);
}

fn swapped(
    model: &ScoreModel,
    scored: &[Scored],
    place: usize,
    above: bool,
) -> Option<(String, String, String)> {
    let Swap { input, from, to } = swap(model, scored, place, above)?;
    Some((model.criteria[input].name.clone(), from.to_string(), to.to_string()))
}

fn change(name: &str, from: &str, to: &str) -> Option<(String, String, String)> {
    Some((name.to_owned(), from.to_owned(), to.to_owned()))
}

/// By hand: 1: (5 + 4 + 3) / 3 = 4. 2: (4.5 + 3 + 4) / 3 = 3.833… 3: nobody has rated its feasibility.
///
/// For 2 to pass 1, which comes first where both are equal, the sum of 2 has to be above 12, by 0.51: need would be 5.01, which is
/// beyond its scale, so value 3 becomes 3.51. For 1 to fall below 2 its sum has to be under 11.5, by 0.51: need 5 becomes 4.49.
#[test]
fn need_value_and_feasibility_have_their_mean() {
    let model = Method::NeedValueFeasibility.model().unwrap();
    let scored = score(&model, &[&["5", "4", "3"], &["4.5", "3", "4"], &["5", "5", ""]]);
    is(&scored, &[(1, "4"), (2, "3.83"), (3, "–")]);
    assert_eq!(scored[2].score, Err(NoScore::Missing(vec![2])));
    assert_eq!(swapped(&model, &scored, 1, true), change("Value", "3", "3.51"));
    assert_eq!(swapped(&model, &scored, 0, false), change("Need", "5", "4.49"));
    assert_eq!(swapped(&model, &scored, 0, true), None, "nothing is above");
    assert_eq!(swapped(&model, &scored, 1, false), None, "what is below has no score");
}

/// The three projects of Intercom's article (Sean McBride, 2016): reach 450, impact 3, confidence 100 %, 2 person-months: 450 × 3 ×
/// 1 / 2 = 675. Reach 2,000, impact 1, 80 %, 4 person-months: 2000 × 1 × 0.8 / 4 = 400. Reach 800, impact 2, 50 %, 1 person-month:
/// 800 × 2 × 0.5 / 1 = 800. A person-month is 20 days.
///
/// For the first to pass the third, which comes later where both are equal, it needs 800: 450 × 3 × 20 / 800 = 33.75 days instead of
/// 40, in tenths 33.7, a change of 6.3 out of 400; or a reach of 800 × 2 / 3 = 533.3, so 534, a change of 84 out of 4,500, which is
/// more: 1.87 % against 1.58 %. For the first to fall below the second, which comes later, it has to be under 400: a confidence of
/// 59 %, a change of 41 %; a reach under 266.7, so 266, 184 out of 4,500 = 4.1 %; effort above 67.5, so 67.6, 27.6 out of 400 = 6.9 %.
#[test]
fn rice_gives_intercoms_projects_their_scores() {
    let model = Method::Rice.model().unwrap();
    let scored =
        score(&model, &[&["450", "3", "100", "40"], &["2000", "1", "80", "80"], &["800", "2", "50", "20"]]);
    is(&scored, &[(3, "800"), (1, "675"), (2, "400")]);
    assert_eq!(swapped(&model, &scored, 1, true), change("Effort", "40", "33.7"));
    assert_eq!(swapped(&model, &scored, 1, false), change("Reach", "450", "266"));
    let without_effort = score(&model, &[&["450", "3", "100", "0"]]);
    assert_eq!(without_effort[0].score, Err(NoScore::DividedByNothing("Effort ÷ 20".to_owned())));
}

/// The example “Product Backlog Prioritization” of Nova Calculator's page on the cost of delay and WSJF: dashboard (8 + 4 + 3) / 5 = 3,
/// security patch (5 + 9 + 8) / 2 = 11, refactoring (4 + 3 + 7) / 8 = 1.75, mobile app (9 + 5 + 4) / 8 = 2.25.
///
/// For the app to pass the dashboard, which comes first where both are equal, its size has to be under 18 / 3 = 6: 5.99, a change of
/// 2.01 on a scale of 19; or its cost of delay above 24, a change of 6.01.
#[test]
fn wsjf_gives_a_published_backlog_its_order() {
    let model = Method::Wsjf.model().unwrap();
    let scored = score(
        &model,
        &[&["8", "4", "3", "5"], &["5", "9", "8", "2"], &["4", "3", "7", "8"], &["9", "5", "4", "8"]],
    );
    is(&scored, &[(2, "11"), (1, "3"), (4, "2.25"), (3, "1.75")]);
    assert_eq!(swapped(&model, &scored, 2, true), change("Job size", "8", "5.99"));
}

/// By hand: 8 / 4 = 2 and 6 / 2.5 = 2.4. For the first to pass the second, which comes later where both are equal: value 9.6, a change
/// of 1.6 out of 9 = 17.8 %; or effort 8 / 2.4 = 3.33, in tenths 3.3, a change of 0.7 out of 40 = 1.75 %.
#[test]
fn value_is_divided_by_effort() {
    let model = Method::ValueEffort.model().unwrap();
    let scored = score(&model, &[&["8", "4"], &["6", "2.5"]]);
    is(&scored, &[(2, "2.4"), (1, "2")]);
    assert_eq!(swapped(&model, &scored, 1, true), change("Effort", "4", "3.3"));
}

/// By hand: revenue 4 with weight 3 and risk 2 with weight 1, better when lower on a scale from 1 to 5, so 6 − 2 = 4:
/// (3 × 4 + 1 × 4) / 4 = 4. Revenue 5, risk 5: (15 + 1) / 4 = 4, too; the order that people have made stays. Revenue 3, risk 1:
/// (9 + 5) / 4 = 3.5. For the third to pass the second it needs more than 16 in place of 14: revenue by 2.01 / 3 = 0.67, so 3.67.
#[test]
fn criteria_count_by_their_weights() {
    let model =
        ScoreModel::weighted(criteria("Revenue: weight 3\nRisk: 1 to 5, lower is better").unwrap()).unwrap();
    assert_eq!(model.formula.to_string(), "(3 × Revenue + 1 × (6 − Risk)) ÷ 4");
    let scored = score(&model, &[&["4", "2"], &["5", "5"], &["3", "1"]]);
    is(&scored, &[(1, "4"), (2, "4"), (3, "3.5")]);
    assert_eq!(swapped(&model, &scored, 2, true), change("Revenue", "3", "3.67"));
}

#[test]
fn weights_that_sum_to_nothing_are_refused() {
    let nothing = criteria("Need: weight 0\nValue: 1 to 5, weight 0").unwrap();
    assert!(ScoreModel::weighted(nothing).unwrap_err().contains("add up to nothing"));
    let endless = criteria("Effort: field effort, lower is better").unwrap();
    assert!(ScoreModel::weighted(endless).unwrap_err().contains("no highest value"));
}

/// Must before should before could before won't; basic before performance before excitement before indifferent before reverse.
#[test]
fn moscow_and_kano_rank_by_the_fields_of_an_item() {
    let item = |key: &str, chosen: &str| {
        let stamp = Stamp { by: UserId::NIL, at: Timestamp(1) };
        let mut fields = ItemFields::titled("An item".parse().unwrap());
        fields.values.insert(key.parse().unwrap(), Value::Text(chosen.to_owned()));
        let (id, lane) = (ItemId::new(1, [1; 10]), LaneId::new(1, [2; 10]));
        let (rank, firsts) = (Rank::between(None, None).unwrap(), std::collections::BTreeMap::new());
        crate::Item { id, number: 1, lane, rank, fields, firsts, created: stamp, deleted: None, moved: None }
    };
    let scores = |field: ItemField, keys: &[&str]| {
        keys.iter().map(|key| field.of(&item(field.as_str(), key)).unwrap()).collect::<Vec<_>>()
    };
    let moscow = scores(ItemField::Moscow, &["must", "should", "could", "wont"]);
    assert_eq!(moscow, [4, 3, 2, 1].map(Number::whole));
    let kano = scores(ItemField::Kano, &["basic", "performance", "excitement", "indifferent", "reverse"]);
    assert_eq!(kano, [4, 3, 2, 1, 0].map(Number::whole));
    for method in [Method::Moscow, Method::Kano] {
        let model = method.model().unwrap();
        is(&score(&model, &[&["1"], &[""], &["4"]]), &[(3, "4"), (1, "1"), (2, "–")]);
        assert!(!model.has_ratings());
    }
}

/// By hand: 2, 5 and 4 have the mean 11 / 3 = 3.67 and are 3 apart.
#[test]
fn ratings_have_a_mean_a_spread_and_a_latest() {
    let ratings = Ratings::of([(200, Timestamp(5)), (500, Timestamp(9)), (400, Timestamp(7))]);
    assert_eq!(ratings.mean().unwrap().to_string(), "3.67");
    assert_eq!((ratings.raters, ratings.spread(), ratings.latest), (3, Number::whole(3), Some(Timestamp(9))));
    assert_eq!(Ratings::default().mean(), None);
}

#[test]
fn a_rating_is_on_its_scale() {
    let range = Scale::Range(1, 5);
    assert_eq!((range.rating("5"), range.rating(" 1 ")), (Ok(500), Ok(100)));
    for wrong in ["0", "6", "2.5", "", "x", "-1", "1e3"] {
        assert_eq!(range.rating(wrong), Err("a whole number from 1 to 5".to_owned()), "{wrong}");
    }
    let model = Method::Rice.model().unwrap();
    let impact = model.criterion("impact").and_then(Criterion::scale).unwrap();
    assert_eq!(impact.rating("0.25"), Ok(25));
    assert_eq!(impact.rating("0.3"), Err("one of 0.25, 0.5, 1, 2, 3".to_owned()));
}

#[test]
fn every_method_has_a_model_whose_criteria_are_written_and_read_back() {
    for method in Method::ALL {
        assert_eq!(Method::find(method.as_str()), Some(method));
        let Some(model) = method.model() else { continue };
        let lines: Vec<String> = model.criteria.iter().map(criterion_line).collect();
        assert_eq!(criteria(&lines.join("\n")).unwrap(), model.criteria);
    }
    let odd = "Fit: one of -1 0 0.5, weight 0.25, lower is better\nSupport: upvotes\nChoice: voting result";
    assert_eq!(criteria(odd).unwrap().iter().map(criterion_line).collect::<Vec<_>>().join("\n"), odd);
}

#[test]
fn criteria_that_cannot_be_read_are_refused_by_their_number() {
    for (text, part) in [
        ("", "each on a line"),
        ("Need\nneed", "two criteria “need”"),
        ("Need\n2nd", "Criterion 2: a name"),
        ("If", "word of formulas"),
        ("Need: 5 to 1", "isn’t a scale"),
        ("Need: one of 1", "2 to 20 different"),
        ("Need: one of 1 x", "“x” isn’t a number"),
        ("Need: weight x", "“x” isn’t a weight"),
        ("Need: weight -1", "isn’t a weight"),
        ("Need: field title", "“title” isn’t a numeric field"),
        ("Need: often", "“often” has no meaning"),
    ] {
        let sentence = criteria(text).unwrap_err();
        assert!(sentence.contains(part), "{text}: {sentence}");
    }
    let many: Vec<String> = (0..13).map(|number| format!("C{number}")).collect();
    assert!(criteria(&many.join("\n")).unwrap_err().contains("at most 12"));
}

fn expression() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[0-9]{1,4}(\\.[0-9]{1,3})?".prop_map(|text| text),
        Just("need".to_owned()),
        Just("Business value".to_owned()),
        Just("effort".to_owned()),
    ];
    leaf.prop_recursive(6, 40, 4, |inner| {
        let sign = prop_oneof!["\\+", "-", "\\*", "/", "×", "÷", "−"];
        let compared = prop_oneof!["<", ">", "<=", ">=", "=", "!=", "≤", "≠"];
        prop_oneof![
            (inner.clone(), sign, inner.clone()).prop_map(|(a, sign, b)| format!("{a} {sign} {b}")),
            inner.clone().prop_map(|a| format!("({a})")),
            inner.clone().prop_map(|a| format!("-{a}")),
            prop::collection::vec(inner.clone(), 1..4).prop_map(|all| format!("max({})", all.join(", "))),
            (inner.clone(), compared, inner.clone(), inner.clone(), inner)
                .prop_map(|(a, sign, b, c, d)| format!("if({a} {sign} {b}, {c}, {d})")),
        ]
    })
}

proptest! {
    #[test]
    fn whatever_is_typed_is_read_or_refused_within_it(text in "\\PC{0,60}|[a-z0-9+*/(),<=>. -]{0,80}") {
        match Formula::parse(&text, &names()) {
            Ok(formula) => prop_assert!(formula.to_string().len() < 4_000),
            Err(error) => prop_assert!(error.at <= text.chars().count(), "{error}"),
        }
    }

    #[test]
    fn a_formula_is_read_as_it_is_written(text in expression()) {
        if let Ok(formula) = Formula::parse(&text, &names()) {
            let written = formula.to_string();
            prop_assert_eq!(Formula::parse(&written, &names()), Ok(formula.clone()), "{}", written);
            let _ = formula.value(&["4", "2.5", "0"].map(|text| Some(number(text))));
        }
    }

    #[test]
    fn whatever_lines_are_typed_are_read_or_refused(text in "([A-Za-z: 0-9,.-]{0,30}\n){0,4}") {
        if let Ok(read) = criteria(&text) {
            let lines: Vec<String> = read.iter().map(criterion_line).collect();
            prop_assert_eq!(criteria(&lines.join("\n")), Ok(read));
        }
    }

    #[test]
    fn numbers_are_exact(a in -1_000_000_i64..1_000_000, b in 1_i64..1_000_000, c in 1_i64..1_000_000) {
        let (x, y) = (Number::fraction(a, b).unwrap(), Number::fraction(c, b).unwrap());
        prop_assert_eq!(x.over(y).unwrap().times(y), Some(x));
        prop_assert_eq!(x.plus(y).unwrap().minus(y), Some(x));
        prop_assert_eq!(x.cmp(&y), a.cmp(&c));
    }
}
