//! Campaigns: their zones, hours and progress.

use std::sync::Mutex;

use chrono::FixedOffset;
use proptest::prelude::*;

use super::{tenant::Answer, *};

fn zone(name: &str, start: &str, end: &str) -> Value {
    json!({ "name": name, "description": "a zone", "startTime": start, "endTime": end,
        "timeZoneActiveToCall": true, "overrideTime": false })
}

fn closed(name: &str) -> Value {
    json!({ "name": name, "startTime": "08:00", "endTime": "21:00", "timeZoneActiveToCall": false })
}

fn settings_of(zones: &[Value]) -> Answer {
    ok(json!({ "skillNo": 4_271_306, "timeZoneSettings": zones }))
}

mod contacts {
    use super::*;

    async fn zones(tenant: &Tenant, settings: &[(&str, &str)], page: u32) -> Vec<(String, String)> {
        let campaign = if settings.is_empty() { SKILL } else { "spring" };
        let page = tenant.client(settings).list_contacts(campaign, page, soon()).await;
        let page = page.expect("a page");
        assert_eq!((page.pages, page.unreadable), (1, 0));
        let contacts = page.contacts.into_iter();
        contacts.map(|it| (it.id, it.time_zone.expect("a zone"))).collect()
    }

    fn of_tenant(zones: &[Value]) -> Answer {
        ok(json!({ "timeZoneSettings": zones }))
    }

    fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        let owned = |(id, zone): &(&str, &str)| ((*id).to_owned(), (*zone).to_owned());
        pairs.iter().map(owned).collect()
    }

    #[tokio::test]
    async fn there_is_one_for_each_zone_that_is_open() {
        let open = [
            zone("US Mountain Standard Time", "08:00", "21:00"),
            zone("Eastern Standard Time", "08:00", "21:00"),
            closed("Hawaiian Standard Time"),
            zone("Pacific Standard Time", "08:00", "21:00"),
            zone("(GMT-06:00)Central", "08:00", "21:00"),
        ];
        let shut =
            json!({ "standardName": "Pacific Standard Time", "timeZoneActiveToCall": false });
        let all = [
            ("zone:(GMT-06:00)Central", "(GMT-06:00)Central"),
            ("zone:Eastern Standard Time", "America/New_York"),
            ("zone:Pacific Standard Time", "America/Los_Angeles"),
            ("zone:US Mountain Standard Time", "America/Phoenix"),
        ];
        let without = [all[0], all[1], all[3]];
        for (tenants, expected) in [
            (of_tenant(&[shut]), &without[..]),
            (empty(403), &all),
            (empty(204).odd(), &all),
            (empty(200).text("<html>"), &all),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("skillParameters", [settings_of(&open)]);
            tenant.script("businessUnitTimeZones", [tenants.clone()]);
            assert_eq!(zones(&tenant, &[], 1).await, pairs(expected), "{tenants:?}");
            assert_eq!(zones(&tenant, &[], 2).await, []);
        }
    }

    #[tokio::test]
    async fn zones_of_a_setting_need_no_call() {
        let tenant = Tenant::new().await;
        let settings = [("CXONE_ZONES", "Eastern Standard Time,America/Boise")];
        let expected = [
            ("zone:Eastern Standard Time", "America/New_York"),
            ("zone:America/Boise", "America/Boise"),
        ];
        assert_eq!(zones(&tenant, &settings, 1).await, pairs(&expected));
        assert!(tenant.operations().is_empty());
    }

    #[tokio::test]
    async fn the_zones_of_several_skills_are_joined() {
        let tenant = Tenant::new().await;
        tenant.script(
            "skillParameters",
            [
                settings_of(&[zone("Eastern Standard Time", "08:00", "21:00")]),
                settings_of(&[
                    zone("Eastern Standard Time", "08:00", "21:00"),
                    zone("Central Standard Time", "08:00", "21:00"),
                ]),
            ],
        );
        tenant.script("businessUnitTimeZones", [empty(403)]);
        let zones = zones(&tenant, &[("CXONE_SKILLS", "spring=4+5")], 1).await;
        assert_eq!(zones.len(), 2);
    }

    #[tokio::test]
    async fn a_skill_that_does_not_exist_is_not_found_however_cxone_says_so() {
        for answer in [empty(404), empty(400).odd(), empty(204).odd()] {
            let tenant = Tenant::new().await;
            tenant.script("skillParameters", [answer]);
            let missing = tenant.client(&[]).list_contacts(SKILL, 1, soon()).await;
            assert!(matches!(missing, Err(Error::NotFound { .. })), "{missing:?}");
        }
    }
}

/// A run from 10 to 14 o'clock in New York, on a Monday.
fn run(time_zone: &str) -> CallSchedule {
    let local = |text: &str| text.parse::<DateTime<FixedOffset>>().expect("an instant");
    CallSchedule {
        id: ID,
        campaign: SKILL.to_owned(),
        time_zone: time_zone.to_owned(),
        start: local("2026-11-02T10:00:00-05:00"),
        end: local("2026-11-02T14:00:00-05:00"),
    }
}

/// A time before the run, on the day before.
const BEFORE: &str = "2026-11-01T20:00:00Z";

mod verify {
    use super::*;

    async fn submit(zones: &[Value], schedule: CallSchedule) -> Result<Option<String>, Error> {
        let tenant = Tenant::new().await;
        tenant.script("skillParameters", [settings_of(zones)]);
        let submitted = at(BEFORE, tenant.client(&[]).submit_schedule(&schedule, soon())).await;
        assert!(tenant.operations().iter().all(|operation| operation == "skillParameters"));
        submitted
    }

    fn eastern(start: &str, end: &str) -> [Value; 1] {
        [zone("Eastern Standard Time", start, end)]
    }

    #[tokio::test]
    async fn hours_that_enclose_the_window_fit() {
        for (start, end) in
            [("10:00", "14:00"), ("08:00", "21:00"), ("08:00:00", "21:00:00"), ("00:00", "24:00")]
        {
            let submitted = submit(&eastern(start, end), run("America/New_York")).await;
            let id = "4271306/Eastern Standard Time/2026-11-02T15:00:00Z".to_owned();
            assert_eq!(submitted, Ok(Some(id)), "{start} {end}");
        }
    }

    #[tokio::test]
    async fn what_does_not_fit_is_refused_and_named() {
        let named = |zones: Vec<Value>, zone| (zones, run(zone));
        let mut long = run("America/New_York");
        long.end += chrono::TimeDelta::hours(12);
        for ((zones, schedule), expected) in [
            (named(eastern("10:01", "21:00").into(), "America/New_York"), "10:01-21:00 in Eastern"),
            (
                named(eastern("08:00", "13:59").into(), "US/Eastern"),
                "the campaign needs 10:00-14:00",
            ),
            (named(eastern("21:00", "08:00").into(), "America/New_York"), "cannot be read"),
            (named(eastern("", "").into(), "America/New_York"), "cannot be read"),
            (named(vec![closed("Eastern Standard Time")], "America/New_York"), "a closed zone"),
            (
                named(eastern("08:00", "21:00").into(), "America/Chicago"),
                "no skill of the campaign",
            ),
            (named(eastern("08:00", "21:00").into(), "America/Nowhere"), "America/Nowhere"),
            (named(vec![], "America/New_York"), "no skill of the campaign"),
            ((eastern("08:00", "21:00").into(), long), "within one day"),
        ] {
            let refused = submit(&zones, schedule).await.expect_err(expected);
            let Error::Invalid { detail } = &refused else { panic!("{refused}") };
            assert!(detail.contains(expected), "{detail}");
        }
    }

    #[tokio::test]
    async fn a_zone_is_any_whose_clocks_agree_and_all_of_them_have_to_fit() {
        let [eastern] = eastern("08:00", "21:00");
        let indiana = |start| zone("US Eastern Standard Time", start, "21:00");
        let detroit = || run("America/Detroit");
        assert!(submit(std::slice::from_ref(&eastern), detroit()).await.is_ok());
        assert!(submit(&[eastern.clone(), indiana("08:00")], detroit()).await.is_ok());
        assert!(submit(&[eastern.clone(), indiana("12:00")], detroit()).await.is_err());
        let own = submit(&[eastern, indiana("12:00")], run("America/New_York")).await;
        assert!(own.is_ok(), "the very zone counts alone: {own:?}");
    }

    #[tokio::test]
    async fn a_campaign_needs_the_zone_in_one_of_its_skills() {
        let tenant = Tenant::new().await;
        let central = settings_of(&[zone("Central Standard Time", "08:00", "21:00")]);
        tenant.script("skillParameters", [central, settings_of(&eastern("08:00", "21:00"))]);
        let schedule = CallSchedule { campaign: "spring".to_owned(), ..run("America/New_York") };
        let client = tenant.client(&[("CXONE_SKILLS", "spring=4+5")]);
        let submitted = client.submit_schedule(&schedule, soon()).await;
        let id = "5/Eastern Standard Time/2026-11-02T15:00:00Z".to_owned();
        assert_eq!(submitted, Ok(Some(id)));
    }
}

mod hours {
    use super::*;

    const HOURS: (&str, &str) = ("CXONE_SCHEDULE", "hours");

    /// A skill whose hours can be set. It forgets what a write leaves out.
    struct Skill {
        zones: Mutex<Vec<Value>>,
        /// Writes that are answered and not done.
        ignores: Mutex<usize>,
    }

    async fn tenant_with(
        zones: Vec<Value>,
        is_running: Option<bool>,
        ignores: usize,
    ) -> (Tenant, Arc<Skill>) {
        let tenant = Tenant::new().await;
        let skill = Arc::new(Skill { zones: Mutex::new(zones), ignores: Mutex::new(ignores) });
        let (reading, writing) = (Arc::clone(&skill), Arc::clone(&skill));
        tenant
            .on("skillParameters", move |_| settings_of(&reading.zones.lock().expect("no panic")));
        tenant.on("putSkillTimeZones", move |request| {
            let mut ignores = writing.ignores.lock().expect("no panic");
            if *ignores > 0 {
                *ignores -= 1;
                return empty(200);
            }
            let rows = body(request)["timeZoneSettings"].as_array().expect("zones").clone();
            let mut rows = rows;
            for row in &mut rows {
                row["name"] = row["standardName"].take();
                row.as_object_mut().expect("a row").remove("standardName");
            }
            *writing.zones.lock().expect("no panic") = rows;
            empty(204)
        });
        let skill_row = match is_running {
            Some(is_running) => json!({ "skillId": 4_271_306, "isRunning": is_running }),
            None => json!({ "skillId": 4_271_306 }),
        };
        tenant.script("skill", [ok(skill_row)]);
        (tenant, skill)
    }

    fn two_zones() -> Vec<Value> {
        vec![
            zone("Eastern Standard Time", "08:00", "21:00"),
            zone("Central Standard Time", "09:00:00", "20:00:00"),
        ]
    }

    async fn submit(tenant: &Tenant, now: &str) -> Result<Option<String>, Error> {
        let client = tenant.client(&[HOURS]);
        at(now, client.submit_schedule(&run("America/New_York"), soon())).await
    }

    #[tokio::test]
    async fn the_hours_of_the_zone_are_set_and_the_others_stay() {
        let (tenant, skill) = tenant_with(two_zones(), Some(false), 0).await;
        submit(&tenant, BEFORE).await.expect("they are set");
        let zones = skill.zones.lock().expect("no panic").clone();
        assert_eq!(zones[0]["startTime"], "10:00");
        assert_eq!(zones[0]["endTime"], "14:00");
        assert_eq!(zones[1]["startTime"], "09:00:00");
        assert_eq!(zones[1]["overrideTime"], false);
        let operations = ["skillParameters", "skill", "putSkillTimeZones", "skillParameters"];
        assert_eq!(tenant.operations(), operations);
    }

    #[tokio::test]
    async fn at_night_it_does_not_matter_whether_the_skill_runs() {
        let (tenant, _) = tenant_with(two_zones(), Some(true), 0).await;
        submit(&tenant, "2026-11-02T03:00:00Z").await.expect("they are set");
        assert!(tenant.requests("skill").is_empty());
    }

    #[tokio::test]
    async fn hours_that_are_set_already_are_not_written() {
        let zones = vec![zone("Eastern Standard Time", "10:00", "14:00")];
        let (tenant, _) = tenant_with(zones, Some(true), 0).await;
        for _ in 0..2 {
            submit(&tenant, "2026-11-02T16:00:00Z").await.expect("they are set");
        }
        assert_eq!(tenant.operations(), ["skillParameters"; 2]);
    }

    #[tokio::test]
    async fn a_window_outside_of_the_curfew_is_never_written() {
        for (curfew, is_refused) in
            [("08:00-13:00", true), ("11:00-21:00", true), ("10:00-14:00", false)]
        {
            let (tenant, _) = tenant_with(two_zones(), Some(false), 0).await;
            let client = tenant.client(&[HOURS, ("CXONE_CURFEW", curfew)]);
            let submitted =
                at(BEFORE, client.submit_schedule(&run("America/New_York"), soon())).await;
            assert_eq!(matches!(submitted, Err(Error::Invalid { .. })), is_refused, "{curfew}");
            assert_eq!(tenant.requests("putSkillTimeZones").is_empty(), is_refused, "{curfew}");
        }
    }

    #[tokio::test]
    async fn hours_of_a_zone_without_a_name_are_never_written() {
        let mut nameless = zone("", "08:00", "21:00");
        nameless["name"] = json!(null);
        let zones = vec![zone("Eastern Standard Time", "08:00", "21:00"), nameless];
        let tenant = Tenant::new().await;
        tenant.script("skillParameters", [settings_of(&zones).odd()]);
        let refused = submit(&tenant, BEFORE).await;
        assert!(matches!(refused, Err(Error::Unexpected { .. })), "{refused:?}");
    }

    #[tokio::test]
    async fn a_zone_that_the_tenant_has_closed_is_not_opened() {
        let (tenant, _) = tenant_with(vec![closed("Eastern Standard Time")], Some(false), 0).await;
        let refused = submit(&tenant, BEFORE).await;
        assert!(matches!(refused, Err(Error::Invalid { .. })), "{refused:?}");
        assert!(tenant.requests("putSkillTimeZones").is_empty());
    }

    #[tokio::test]
    async fn a_skill_that_calls_by_other_hours_is_left_alone_until_they_are_over() {
        for (now, is_running, waits_s) in [
            // 15:00 there, on the day of the run before: open until 21:00.
            ("2026-11-01T20:00:00Z", Some(true), Some(6 * 3600)),
            ("2026-11-01T20:00:00Z", Some(false), None),
            ("2026-11-01T20:00:00Z", None, None),
            // 22:00 there: closed, and the new window would open at the start of the run.
            ("2026-11-02T03:00:00Z", Some(true), None),
            // 07:00 there, a day before: the new window would open a day early.
            ("2026-11-01T12:00:00Z", Some(true), Some(7 * 3600)),
        ] {
            let (tenant, _) = tenant_with(two_zones(), is_running, 0).await;
            let submitted = submit(&tenant, now).await;
            match (waits_s, submitted) {
                (None, submitted) => assert!(submitted.is_ok(), "{now}: {submitted:?}"),
                (Some(seconds), Err(Error::Transient { retry_after, sent: false, .. })) => {
                    assert_eq!(retry_after, Some(Duration::from_secs(seconds)), "{now}");
                    assert!(tenant.requests("putSkillTimeZones").is_empty());
                }
                (_, submitted) => panic!("{now}: {submitted:?}"),
            }
        }
    }

    #[tokio::test]
    async fn what_does_not_read_back_is_written_again_a_few_times() {
        for (ignores, writes, is_set) in [(0, 1, true), (2, 3, true), (9, 3, false)] {
            let (tenant, _) = tenant_with(two_zones(), Some(false), ignores).await;
            let submitted = submit(&tenant, BEFORE).await;
            assert_eq!(submitted.is_ok(), is_set, "{submitted:?}");
            assert_eq!(tenant.requests("putSkillTimeZones").len(), writes);
        }
    }

    #[tokio::test]
    async fn zones_that_are_submitted_at_once_do_not_undo_each_other() {
        let (tenant, skill) = tenant_with(two_zones(), Some(false), 0).await;
        let client = tenant.client(&[HOURS]);
        let (eastern, central) = (run("America/New_York"), run("America/Chicago"));
        let both = futures::future::join(
            client.submit_schedule(&eastern, soon()),
            client.submit_schedule(&central, soon()),
        );
        let (first, second) = Box::pin(at(BEFORE, both)).await;
        assert!(first.is_ok() && second.is_ok(), "{first:?} {second:?}");
        let zones = skill.zones.lock().expect("no panic").clone();
        assert_eq!(zones[0]["startTime"], "10:00");
        assert_eq!(zones[1]["startTime"], "10:00:00");
    }
}

mod progress {
    use super::*;

    fn row(skill: u64, dials: u64, connects: u64, active: u64) -> Value {
        json!({ "skillId": skill, "dials": dials, "connects": connects, "contactsActive": active })
    }

    fn summaries(rows: &[Value]) -> Answer {
        ok(json!({ "skillSummaries": rows }))
    }

    #[tokio::test]
    async fn several_rows_of_a_skill_are_summed_and_what_one_lacks_is_unknown() {
        let mut lacking = row(4, 1, 1, 1);
        lacking.as_object_mut().expect("an object").remove("connects");
        let whole = vec![row(4, 10, 3, 2), row(4, 20, 6, 1), row(4, 1, 0, 1)];
        let lacking = vec![row(4, 1, 1, 1), lacking];
        for (rows, expected) in [(whole, Some(progress(27, 31, 9))), (lacking, None)] {
            let tenant = Tenant::new().await;
            tenant.script("skillSummaries", [summaries(&rows)]);
            let client = tenant.client(&[("CXONE_COMPLETED", "dials")]);
            let period = instant("2026-11-02T10:00:00Z")..instant("2026-11-02T12:00:00Z");
            let counted = client.progress(&["4".to_owned()], &period, soon()).await;
            assert_eq!(counted[0].as_ref().ok(), expected.as_ref(), "{counted:?}");
        }
    }

    fn total(total: u64) -> Answer {
        ok(json!({ "totalRecords": total, "completedContacts": [{ "contactId": 1 }] }))
    }

    fn progress(completed: u64, attempted: u64, connected: u64) -> Progress {
        Progress { completed, attempted, connected }
    }

    async fn count(
        tenant: &Tenant,
        settings: &[(&str, &str)],
        campaigns: &[&str],
    ) -> Vec<Result<Progress, Error>> {
        let campaigns: Vec<String> =
            campaigns.iter().map(|&campaign| campaign.to_owned()).collect();
        let period = instant("2026-11-02T15:00:00Z")..instant("2026-11-02T16:00:00Z");
        tenant.client(settings).progress(&campaigns, &period, soon()).await
    }

    #[tokio::test]
    async fn the_counts_of_a_campaign_are_those_of_its_skills() {
        let tenant = Tenant::new().await;
        tenant.script(
            "skillSummaries",
            [summaries(&[row(4, 10, 3, 1), row(5, 20, 6, 2), row(9, 1, 1, 0)])],
        );
        tenant.on("completedContacts", |request| {
            let of_four =
                request.url.query_pairs().any(|(name, value)| name == "skillId" && value == "4");
            total(if of_four { 8 } else { 25 })
        });
        let counts =
            count(&tenant, &[("CXONE_SKILLS", "spring=4+5")], &["spring", "4", "spring"]).await;
        // The two figures come from different stores: none is below the other.
        let spring = progress(33, 35, 9);
        assert_eq!(counts, [Ok(spring), Ok(progress(8, 10, 3)), Ok(spring)]);
        assert_eq!(tenant.requests("skillSummaries").len(), 1);
        assert_eq!(tenant.requests("completedContacts").len(), 2);
    }

    #[tokio::test]
    async fn a_skill_that_is_left_out_has_made_no_calls() {
        for (summary, contacts) in [
            (summaries(&[]), empty(204)),
            (empty(204), ok(json!({ "completedContacts": [] }))),
            (ok(json!({})), ok(json!({ "totalRecords": 0, "completedContacts": [] }))),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("skillSummaries", [summary]);
            tenant.script("completedContacts", [contacts]);
            assert_eq!(count(&tenant, &[], &[SKILL]).await, [Ok(Progress::default())]);
        }
    }

    #[tokio::test]
    async fn a_figure_that_is_left_out_is_unknown_and_not_zero() {
        let whole = row(4, 1, 1, 0);
        let without = |field: &str| {
            let mut row = whole.clone();
            row.as_object_mut().expect("a row").remove(field);
            summaries(&[row])
        };
        let unknown_total = ok(json!({ "completedContacts": [{ "contactId": 1 }] }));
        for (settings, summary, contacts, figure) in [
            (vec![], without("dials"), total(1), "dials"),
            (vec![], without("connects"), total(1), "connects"),
            (vec![], summaries(std::slice::from_ref(&whole)), unknown_total, "totalRecords"),
            (
                vec![("CXONE_COMPLETED", "dials")],
                without("contactsActive"),
                total(1),
                "contactsActive",
            ),
        ] {
            let tenant = Tenant::new().await;
            tenant.script("skillSummaries", [summary]);
            tenant.script("completedContacts", [contacts]);
            let counts = count(&tenant, &settings, &["4"]).await;
            let [Err(Error::Unexpected { detail, .. })] = &counts[..] else { panic!("{counts:?}") };
            assert!(detail.contains(figure), "{detail}");
        }
    }

    #[tokio::test]
    async fn dials_that_are_over_may_count_as_completed() {
        let tenant = Tenant::new().await;
        tenant.script("skillSummaries", [summaries(&[row(4, 10, 3, 2)])]);
        let counts = count(&tenant, &[("CXONE_COMPLETED", "dials")], &["4", "5"]).await;
        assert_eq!(counts, [Ok(progress(8, 10, 3)), Ok(Progress::default())]);
        assert_eq!(tenant.operations(), ["skillSummaries"]);
    }

    #[tokio::test]
    async fn records_of_lists_that_are_done_with_may_count_as_completed() {
        for wrapped in [true, false] {
            let tenant = Tenant::new().await;
            tenant.script("skillSummaries", [summaries(&[row(4, 10, 3, 2)])]);
            let lists = json!([{ "id": 70, "name": "one" }, { "id": 71, "name": "two" }]);
            tenant.script("skillParameters", [ok(json!({ "callingLists": lists }))]);
            let counts = json!({ "totalRecords": 50, "finalizedRecords": 20 });
            tenant.script(
                "callList",
                [if wrapped { ok(json!({ "resultSet": counts })) } else { ok(counts).odd() }],
            );
            let counts = count(&tenant, &[("CXONE_COMPLETED", "list")], &["4"]).await;
            assert_eq!(counts, [Ok(progress(40, 40, 3))]);
            for request in tenant.requests("callList") {
                assert_eq!(request.url.query(), Some("includeRecords=false"));
            }
        }
    }

    #[tokio::test]
    async fn the_failure_of_a_campaign_is_no_others() {
        let tenant = Tenant::new().await;
        tenant.script("skillSummaries", [summaries(&[])]);
        tenant.on("completedContacts", |request| {
            let of_four =
                request.url.query_pairs().any(|(name, value)| name == "skillId" && value == "4");
            if of_four { empty(404).odd() } else { total(2) }
        });
        let counts = count(&tenant, &[], &["4", "5", "spring"]).await;
        assert!(matches!(counts[0], Err(Error::NotFound { .. })), "{counts:?}");
        assert_eq!(counts[1], Ok(progress(2, 2, 0)));
        assert!(matches!(counts[2], Err(Error::Invalid { .. })), "{counts:?}");
    }

    #[tokio::test]
    async fn what_every_call_would_meet_ends_the_counting() {
        let campaigns: Vec<String> = (1..=40).map(|skill| skill.to_string()).collect();
        let campaigns: Vec<&str> = campaigns.iter().map(String::as_str).collect();
        for operation in ["skillSummaries", "completedContacts"] {
            let tenant = Tenant::new().await;
            tenant.script("skillSummaries", [summaries(&[])]);
            tenant.script(operation, [empty(403)]);
            let counts = count(&tenant, &[], &campaigns).await;
            let is_forbidden = |it: &Result<_, _>| matches!(it, Err(Error::Forbidden { .. }));
            assert!(counts.iter().all(is_forbidden), "{counts:?}");
            assert!(tenant.operations().len() <= 5, "{operation}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]

        /// Against sums over a table.
        #[test]
        fn a_campaign_is_the_sum_of_its_skills(
            figures in proptest::collection::btree_map(1..9_u64, (0..100_u64, 0..100_u64, 0..100_u64), 0..8),
            campaigns in proptest::collection::vec(
                proptest::collection::btree_set(1..9_u64, 1..4), 1..5,
            ),
        ) {
            let runtime = tokio::runtime::Runtime::new().expect("a runtime");
            let counts = runtime.block_on(async {
                let tenant = Tenant::new().await;
                let rows: Vec<Value> = figures
                    .iter()
                    .map(|(skill, (dials, connects, _))| row(*skill, *dials, *connects, 0))
                    .collect();
                tenant.script("skillSummaries", [summaries(&rows)]);
                let completed = figures.clone();
                tenant.on("completedContacts", move |request| {
                    let mut query = request.url.query_pairs();
                    let (_, skill) = query.find(|(name, _)| name == "skillId").expect("a skill");
                    let skill = skill.parse::<u64>().expect("a number");
                    completed.get(&skill).map_or(empty(204), |(_, _, completed)| total(*completed))
                });
                let skills: Vec<String> = (0..).zip(&campaigns)
                    .map(|(index, skills): (u32, _)| {
                        let skills: Vec<String> = skills.iter().map(u64::to_string).collect();
                        format!("c{index}={}", skills.join("+"))
                    })
                    .collect();
                let names: Vec<String> = (0..campaigns.len()).map(|index| format!("c{index}")).collect();
                let names: Vec<&str> = names.iter().map(String::as_str).collect();
                count(&tenant, &[("CXONE_SKILLS", &skills.join(","))], &names).await
            });
            for (skills, counted) in campaigns.iter().zip(counts) {
                let own = skills.iter().filter_map(|skill| figures.get(skill));
                let expected = own.fold((0, 0, 0), |sum, (dials, connects, completed)| {
                    (sum.0 + completed, sum.1 + dials.max(completed), sum.2 + connects)
                });
                prop_assert_eq!(counted, Ok(progress(expected.0, expected.1, expected.2)));
            }
        }
    }
}
