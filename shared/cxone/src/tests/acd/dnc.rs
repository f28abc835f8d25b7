//! DNC groups: one outcome per number, whatever is not known of their answers.

use proptest::prelude::*;

use super::*;

fn number(index: u16) -> String {
    format!("202555{index:04}")
}

fn formatted(index: u16) -> String {
    format!("(202) 555-{index:04}")
}

fn listed(index: u16) -> Value {
    json!({ "success": true, "error": "", "formattedPhone": formatted(index) })
}

fn failed(error: &str) -> Value {
    json!({ "success": false, "error": error, "formattedPhone": "" })
}

fn results(results: &[Value]) -> Value {
    let failed = results.iter().filter(|result| result["success"] == false).count();
    json!({ "resultSet": { "errorCount": failed, "recordResults": results } })
}

/// Numbers of a request, as indices.
fn indices(request: &Request) -> Vec<u16> {
    let records = body(request)["dncGroupRecords"].clone();
    let records = records.as_array().expect("records").clone();
    let number = |record: &Value| record["phoneNumber"].as_u64().expect("a number") % 10_000;
    records.iter().map(|record| u16::try_from(number(record)).expect("an index")).collect()
}

/// Result of a search for a number that is in a group, and in another.
fn found(group: u64, expires: Option<&str>) -> Value {
    json!({ "searchResults": [
        { "dncGroupId": 99, "expiredDate": null },
        { "dncGroupId": group, "dncGroupName": "main", "expiredDate": expires },
    ] })
}

async fn add(client: &Client, count: u16) -> Vec<DncOutcome> {
    client.add_to_dnc(GROUP, &entries(count), soon()).await
}

fn rejected(reason: &str) -> DncOutcome {
    DncOutcome::Rejected { reason: reason.to_owned() }
}

fn is_try_again(outcome: &DncOutcome) -> bool {
    matches!(outcome, DncOutcome::TryAgain { .. })
}

#[tokio::test]
async fn numbers_are_records_of_a_group_that_last() {
    for (format, first) in [("national", 2_025_550_000_u64), ("international", 12_025_550_000)] {
        let tenant = Tenant::new().await;
        tenant.script("addDncRecords", [ok(results(&[listed(0), listed(1)]))]);
        let client = tenant.client(&[("CXONE_NUMBER_FORMAT", format)]);
        assert_eq!(add(&client, 2).await, vec![DncOutcome::Listed; 2]);
        let [request] = &tenant.requests("addDncRecords")[..] else { panic!("one request") };
        assert_eq!(request.url.path(), "/incontactapi/services/v30.0/dnc-groups/17/records");
        assert_eq!(
            body(request),
            json!({ "dncGroupRecords": [{ "phoneNumber": first }, { "phoneNumber": first + 1 }] })
        );
    }
}

#[tokio::test]
async fn results_are_read_with_and_without_their_wrapper() {
    for wrapped in [true, false] {
        let tenant = Tenant::new().await;
        let answer = results(&[listed(0)]);
        let answer = if wrapped { ok(answer) } else { ok(answer["resultSet"].clone()).odd() };
        tenant.script("addDncRecords", [answer]);
        assert_eq!(add(&tenant.client(&[]), 1).await, [DncOutcome::Listed]);
        assert_eq!(tenant.operations(), ["addDncRecords"]);
    }
}

#[tokio::test]
async fn a_number_that_is_listed_already_is_listed() {
    for (group, expires, expected) in [
        (17, None, DncOutcome::Listed),
        (17, Some("2999-01-01T00:00:00Z"), DncOutcome::Listed),
        (17, Some("2020-01-01T00:00:00Z"), rejected("Record exists")),
        (17, Some("some day"), rejected("Record exists")),
        (18, None, rejected("Record exists")),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("addDncRecords", [ok(results(&[listed(0), failed("Record exists")]))]);
        tenant.script("searchDnc", [ok(found(group, expires))]);
        let outcomes = add(&tenant.client(&[]), 2).await;
        assert_eq!(outcomes, [DncOutcome::Listed, expected], "{group} {expires:?}");
    }
}

#[tokio::test]
async fn a_number_that_fails_is_rejected_with_the_numbers_in_the_message_masked() {
    for nothing in [ok(json!({ "searchResults": [] })), empty(204)] {
        let tenant = Tenant::new().await;
        let results = results(&[failed("(202) 555-0000 is not valid"), listed(1)]);
        tenant.script("addDncRecords", [ok(results)]);
        tenant.script("searchDnc", [nothing]);
        let outcomes = add(&tenant.client(&[]), 2).await;
        assert_eq!(outcomes, [rejected("*** is not valid"), DncOutcome::Listed]);
    }
}

#[tokio::test]
async fn a_number_is_found_by_whichever_spelling_finds_it() {
    for format in ["national", "international"] {
        for finds in ["2025550000", "12025550000"] {
            let tenant = Tenant::new().await;
            tenant.script("addDncRecords", [ok(results(&[failed("Record exists")]))]);
            tenant.on("searchDnc", move |request| {
                let is_found = request.url.query_pairs().any(|(_, number)| number == finds);
                ok(if is_found { found(17, None) } else { json!({ "searchResults": [] }) })
            });
            let client = tenant.client(&[("CXONE_NUMBER_FORMAT", format)]);
            assert_eq!(add(&client, 1).await, [DncOutcome::Listed], "{format} {finds}");
        }
    }
}

#[tokio::test]
async fn a_number_without_a_result_is_searched_and_comes_again_if_it_is_not_there() {
    for (searched, expected) in [
        (ok(found(17, None)), true),
        (ok(json!({ "searchResults": [] })), false),
        (empty(204), false),
        (empty(403), false),
    ] {
        for answer in [ok(results(&[listed(0)])), ok(json!({})), empty(200)] {
            let tenant = Tenant::new().await;
            tenant.script("addDncRecords", [answer]);
            tenant.script("searchDnc", [searched.clone()]);
            let outcomes = add(&tenant.client(&[]), 2).await;
            assert_eq!(outcomes[1] == DncOutcome::Listed, expected, "{outcomes:?}");
            assert!(expected || is_try_again(&outcomes[1]), "{outcomes:?}");
        }
    }
}

#[tokio::test]
async fn a_number_that_is_counted_as_an_error_and_not_there_is_rejected() {
    for (searched, is_there) in [(ok(found(17, None)), true), (empty(204), false)] {
        let tenant = Tenant::new().await;
        let answer = json!({ "errorCount": 1, "recordResults": [listed(0)] });
        tenant.script("addDncRecords", [ok(json!({ "resultSet": answer }))]);
        tenant.script("searchDnc", [searched]);
        let outcomes = add(&tenant.client(&[]), 2).await;
        assert_eq!(outcomes[0], DncOutcome::Listed);
        match &outcomes[1] {
            DncOutcome::Listed => assert!(is_there),
            DncOutcome::Rejected { reason } => assert!(!is_there && reason == UNEXPLAINED),
            DncOutcome::TryAgain { why, .. } => panic!("{why}"),
        }
    }
}

#[tokio::test]
async fn one_number_that_is_refused_with_its_chunk_holds_up_no_other() {
    let tenant = Tenant::new().await;
    tenant.on("addDncRecords", |request| {
        let indices = indices(request);
        if indices.contains(&3) {
            return reply(400, json!({ "error": "InvalidParameter" }));
        }
        ok(results(&indices.into_iter().map(listed).collect::<Vec<_>>()))
    });
    tenant.script("searchDnc", [ok(json!({ "searchResults": [] }))]);
    let mut expected = vec![DncOutcome::Listed; 7];
    expected[3] = rejected("InvalidParameter");
    assert_eq!(add(&tenant.client(&[]), 7).await, expected);
}

#[tokio::test]
async fn a_number_that_is_refused_and_there_is_listed() {
    let tenant = Tenant::new().await;
    tenant.script("addDncRecords", [reply(400, json!({ "message": "exists" }))]);
    tenant.script("searchDnc", [ok(found(17, None))]);
    assert_eq!(add(&tenant.client(&[]), 1).await, [DncOutcome::Listed]);
}

#[tokio::test]
async fn a_refusal_of_every_number_rejects_none() {
    for count in [1, 9, 50] {
        let tenant = Tenant::new().await;
        tenant.script("addDncRecords", [reply(400, json!({ "message": "no such group" }))]);
        tenant.script("searchDnc", [ok(json!({ "searchResults": [] }))]);
        let outcomes = add(&tenant.client(&[]), count).await;
        assert_eq!(outcomes.len(), usize::from(count));
        assert!(outcomes.iter().all(is_try_again), "{outcomes:?}");
    }
}

#[tokio::test]
async fn a_number_that_is_refused_alone_is_rejected_once_the_group_has_taken_another() {
    let tenant = Tenant::new().await;
    tenant.on("addDncRecords", |request| match &indices(request)[..] {
        [0] => {
            reply(400, json!({ "error": "invalid", "errorDescription": "Invalid phone number" }))
        }
        indices => ok(results(&indices.iter().copied().map(listed).collect::<Vec<_>>())),
    });
    tenant.script("searchDnc", [ok(json!({ "searchResults": [] }))]);
    let client = tenant.client(&[]);
    let [bad, good] = &entries(2)[..] else { panic!("two entries") };
    let alone = async || client.add_to_dnc(GROUP, std::slice::from_ref(bad), soon()).await;
    let unknown = alone().await;
    assert!(unknown.iter().all(is_try_again), "the settings may be wrong: {unknown:?}");
    let listed = client.add_to_dnc(GROUP, std::slice::from_ref(good), soon()).await;
    assert_eq!(listed, [DncOutcome::Listed]);
    let rejected = alone().await;
    assert!(
        matches!(&rejected[..], [DncOutcome::Rejected { reason }] if reason.contains("Invalid")),
        "{rejected:?}"
    );
}

#[tokio::test]
async fn what_fails_later_takes_nothing_back() {
    let tenant = Tenant::new().await;
    tenant.on("addDncRecords", |request| match indices(request)[..] {
        [0] => ok(results(&[listed(0)])),
        [1] => reply(400, json!({ "error": "InvalidParameter" })),
        _ => empty(413),
    });
    tenant.script("searchDnc", [ok(json!({ "searchResults": [] }))]);
    let outcomes = add(&tenant.client(&[("CXONE_DNC_CHUNK", "1")]), 3).await;
    assert_eq!(outcomes[..2], [DncOutcome::Listed, rejected("InvalidParameter")]);
    assert!(is_try_again(&outcomes[2]), "{outcomes:?}");
}

#[tokio::test]
async fn what_is_not_about_a_number_rejects_none() {
    for answer in [
        empty(401),
        empty(403),
        empty(404),
        empty(429).header("Retry-After", "60"),
        empty(413),
        empty(500),
        lost(),
        empty(200).text("<html>"),
    ] {
        let tenant = Tenant::new().await;
        tenant.script("addDncRecords", [answer.clone()]);
        let outcomes = add(&tenant.client(&[]), 2).await;
        assert!(outcomes.iter().all(is_try_again), "{answer:?}: {outcomes:?}");
    }
}

#[tokio::test]
async fn a_batch_is_sent_in_chunks() {
    let tenant = Tenant::new().await;
    tenant.on("addDncRecords", |request| {
        ok(results(&indices(request).into_iter().map(listed).collect::<Vec<_>>()))
    });
    let client = tenant.client(&[("CXONE_DNC_CHUNK", "3")]);
    assert_eq!(add(&client, 7).await, vec![DncOutcome::Listed; 7]);
    let sizes: Vec<usize> =
        tenant.requests("addDncRecords").iter().map(|it| indices(it).len()).collect();
    assert_eq!(sizes, [3, 3, 1]);
}

#[tokio::test]
async fn a_foreign_number_that_would_list_a_stranger_is_rejected_and_the_others_are_listed() {
    let tenant = Tenant::new().await;
    tenant.script("addDncRecords", [ok(results(&[listed(0)]))]);
    let client = tenant.client(&[]);
    let singapore = DncEntry {
        number: "+6562345678".parse().expect("a number"),
        reason: DncReason::WebhookOptOut,
    };
    let outcomes =
        client.add_to_dnc(GROUP, &[singapore.clone(), entries(1)[0].clone()], soon()).await;
    assert!(
        matches!(&outcomes[0], DncOutcome::Rejected { reason } if reason.contains("CXONE_NUMBER_FORMAT"))
    );
    assert_eq!(outcomes[1], DncOutcome::Listed);
    let alone = client.add_to_dnc(GROUP, &[singapore], soon()).await;
    assert!(matches!(&alone[..], [DncOutcome::Rejected { .. }]), "{alone:?}");
    assert_eq!(tenant.requests("addDncRecords").len(), 1);
}

#[tokio::test]
async fn searches_end_when_every_one_would_fail() {
    let tenant = Tenant::new().await;
    tenant.script("addDncRecords", [ok(json!({ "resultSet": { "errorCount": "20" } }))]);
    tenant.script("searchDnc", [empty(403)]);
    let outcomes = add(&tenant.client(&[]), 20).await;
    assert!(outcomes.iter().all(is_try_again), "{outcomes:?}");
    assert_eq!(tenant.requests("searchDnc").len(), 4);
}

/// What is said of a number that is counted as an error, and not there.
const UNEXPLAINED: &str = "it is counted as an error, without a result";

/// A tenant with a set of numbers, whose answers are of a kind that is not ruled out. Whatever the
/// kind, a number is reported as listed only if it is, and is rejected only if it can never be.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "each is a trait that a tenant has or has not")]
struct Traits {
    refuses: u16,
    has: u16,
    order_is_kept: bool,
    names_failures: bool,
    wraps: bool,
    counts_as_text: bool,
    a_result_is_missing: bool,
    listed_is_an_error: bool,
    finds_none_with_204: bool,
}

prop_compose! {
    fn traits()(
        refuses: u16, has: u16, order_is_kept: bool, names_failures: bool, wraps: bool,
        counts_as_text: bool, a_result_is_missing: bool, listed_is_an_error: bool,
        finds_none_with_204: bool,
    ) -> Traits {
        Traits {
            refuses, has, order_is_kept, names_failures, wraps, counts_as_text,
            a_result_is_missing, listed_is_an_error, finds_none_with_204,
        }
    }
}

impl Traits {
    fn refuses(&self, index: u16) -> bool {
        self.refuses >> (index % 16) & 1 == 1
    }

    fn has(&self, index: u16) -> bool {
        !self.refuses(index) && self.has >> (index % 16) & 1 == 1
    }

    fn results(&self, indices: &[u16]) -> Value {
        let result = |index: u16| {
            let fails = self.refuses(index) || (self.has(index) && self.listed_is_an_error);
            let error = if self.refuses(index) { "refused" } else { "exists" };
            match (fails, self.names_failures) {
                (false, _) => listed(index),
                (true, false) => failed(error),
                (true, true) => json!({ "success": false, "error": error,
                    "formattedPhone": formatted(index) }),
            }
        };
        let mut results: Vec<Value> = indices.iter().map(|index| result(*index)).collect();
        let failed = results.iter().filter(|result| result["success"] == false).count();
        if !self.order_is_kept {
            results.reverse();
        }
        if self.a_result_is_missing {
            results.pop();
        }
        let count = if self.counts_as_text { json!(failed.to_string()) } else { json!(failed) };
        let set = json!({ "errorCount": count, "recordResults": results });
        if self.wraps { json!({ "resultSet": set }) } else { set }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_number_is_listed_that_is_not_and_none_rejected_that_can_be(traits in traits(), count in 1..9_u16) {
        let runtime = tokio::runtime::Runtime::new().expect("a runtime");
        let (expected, outcomes) = runtime.block_on(async {
            let tenant = Tenant::new().await;
            // What has been accepted is there to be found.
            let (posting, searching) = (traits.clone(), traits.clone());
            tenant.on("addDncRecords", move |request| {
                let answer = ok(posting.results(&indices(request)));
                if posting.wraps { answer } else { answer.odd() }
            });
            tenant.on("searchDnc", move |request| {
                let (_, number) = request.url.query_pairs().next().expect("a number");
                let index = number[number.len() - 4..].parse().expect("an index");
                if !searching.refuses(index) {
                    ok(found(17, None))
                } else if searching.finds_none_with_204 {
                    empty(204)
                } else {
                    ok(json!({ "searchResults": [] }))
                }
            });
            (traits.clone(), add(&tenant.client(&[]), count).await)
        });
        for (index, outcome) in (0..).zip(&outcomes) {
            let is_right = match outcome {
                DncOutcome::Listed => !expected.refuses(index),
                DncOutcome::Rejected { reason } => {
                    let is_missing = expected.a_result_is_missing && reason == UNEXPLAINED;
                    expected.refuses(index) && (reason == "refused" || is_missing)
                }
                DncOutcome::TryAgain { .. } => expected.refuses(index),
            };
            prop_assert!(is_right, "{index}: {outcome:?}");
        }
    }
}

#[test]
fn the_numbers_of_these_tests_are_those_of_the_entries() {
    assert_eq!(format!("+1{}", number(7)), entries(8)[7].number.as_str());
}
