//! campaign-scheduler where several zones of a campaign are one zone to CXone.

use campaign_scheduler::CampaignScheduler;
use handlers::Handler;
use sandbox::{Options, Surroundings, cxone::Api};
use serde_json::{Value, json};

use crate::handler;

/// The morning of a Thanksgiving ahead of every clock, on which Rhode Island bans sales calls.
const THANKSGIVING: &str = "2029-11-22T12:00:00Z";

const NEW_YORK: (&str, &str) = ("America/New_York", "+12125550110");
const PROVIDENCE: (&str, &str) = ("America/New_York", "+14015550110");
const DETROIT: (&str, &str) = ("America/Detroit", "+13135550110");
const CHICAGO: (&str, &str) = ("America/Chicago", "+13125550110");

/// The services, with a skill that has hours in these zones, which campaigns set.
async fn surroundings(api: Api, zones: &[&str]) -> Surroundings {
    let mut options = Options {
        cxone_api: api,
        skilled_campaigns: vec!["sales".to_owned()],
        ..Options::default()
    };
    if api == Api::Acd {
        options.parameters.insert("CxoneSchedule".to_owned(), "hours".to_owned());
    }
    let around = Surroundings::with(options).await.expect("the services start");
    let mut tenant = around.cxone.tenant();
    for skill in tenant.skills.values_mut().filter(|skill| skill.name == "sales") {
        skill.is_running = false;
        skill.hours.retain(|hours| zones.contains(&hours.zone));
    }
    drop(tenant);
    around
}

/// Plans a sales campaign at ten for contacts in these zones and with these numbers. Returns its
/// report.
async fn plan(
    function: &Handler<CampaignScheduler>,
    contacts: &[(&str, &str)],
    cron: &str,
) -> Value {
    let contact = |(zone, number): &(&str, &str)| json!({ "id": number, "timezone": zone, "phoneNumber": number });
    let contacts: Vec<Value> = contacts.iter().map(contact).collect();
    let campaign = json!({
        "campaignId": "sales", "cron": cron, "expectedCompleted": 1, "contacts": contacts,
    });
    let event = json!({ "time": THANKSGIVING, "campaigns": [campaign] });
    let report = function.invoke(event).await.expect("a report");
    report["campaigns"][0].clone()
}

/// The zones without a schedule, each with its code, and the reasons.
fn failed(report: &Value) -> (Vec<(String, String)>, Vec<String>) {
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let failed = report["failed"].as_array().cloned().unwrap_or_default();
    let mut zones: Vec<_> =
        failed.iter().map(|it| (text(&it["timezone"]), text(&it["code"]))).collect();
    zones.sort();
    (zones, failed.iter().map(|it| text(&it["detail"])).collect())
}

fn refused(zone: (&str, &str), code: &str) -> (String, String) {
    (zone.0.to_owned(), code.to_owned())
}

const EASTERN: &str = "Eastern Standard Time";
const MORNING: &str = "0 10 * * *";

#[tokio::test]
async fn what_is_refused_in_one_zone_is_refused_in_all_that_cxone_takes_for_it() {
    let around = surroundings(Api::Acd, &[EASTERN, "Central Standard Time"]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    let report = plan(&function, &[PROVIDENCE, DETROIT, CHICAGO], MORNING).await;
    let (zones, reasons) = failed(&report);
    assert_eq!(zones, [refused(DETROIT, "shared_zone"), refused(NEW_YORK, "refused_by_law")]);
    let both = "America/Detroit and America/New_York are one zone in CXone, Eastern Standard Time";
    assert!(reasons.iter().any(|why| why.starts_with(both)), "{reasons:?}");
    assert_eq!(report["runs"][0]["submitted"], 1, "Chicago has a zone of its own: {report}");

    let decisions = around.aws.tables.items("DecisionsTable").expect("a table");
    let kept = |code: &str| decisions.iter().filter(|it| it.to_string().contains(code)).count();
    assert_eq!((kept("shared_zone"), kept("refused_by_law")), (1, 1), "{decisions:?}");
}

#[tokio::test]
async fn zones_with_one_window_share_the_hours_of_cxones_zone() {
    let around = surroundings(Api::Acd, &[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    let report = plan(&function, &[NEW_YORK, DETROIT], MORNING).await;
    assert_eq!(report["status"], "scheduled", "{report}");
    assert_eq!(report["runs"][0]["submitted"], 2, "{report}");
    assert_eq!(around.cxone.calls("putSkillTimeZones"), 1, "the second finds them set");
}

#[tokio::test]
async fn zones_that_the_skill_tells_apart_start_by_themselves() {
    let around = surroundings(Api::Acd, &[EASTERN, "US Eastern Standard Time"]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    let indianapolis = ("America/Indiana/Indianapolis", "+13175550110");
    let report = plan(&function, &[PROVIDENCE, indianapolis], MORNING).await;
    assert_eq!(failed(&report).0, [refused(NEW_YORK, "refused_by_law")], "{report}");
    assert_eq!(report["runs"][0]["submitted"], 1, "{report}");
}

#[tokio::test]
async fn while_cxone_cannot_be_asked_uneven_zones_wait() {
    let around = surroundings(Api::Acd, &[EASTERN]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    around.faults.add("skillParameters:403x1".parse().expect("a fault"));
    let report = plan(&function, &[PROVIDENCE, DETROIT], MORNING).await;
    let waiting = [refused(DETROIT, "not_submitted_yet"), refused(NEW_YORK, "refused_by_law")];
    assert_eq!(failed(&report).0, waiting, "{report}");
    assert_eq!(around.cxone.calls("putSkillTimeZones"), 0);
}

#[tokio::test]
async fn a_schedule_of_the_api_v2_is_for_its_very_zone() {
    let around = surroundings(Api::V2, &[]).await;
    let function = handler::<CampaignScheduler>(&around).await;
    let report = plan(&function, &[PROVIDENCE, DETROIT], MORNING).await;
    assert_eq!(failed(&report).0, [refused(NEW_YORK, "refused_by_law")], "{report}");
    assert_eq!(around.cxone.schedules().len(), 1);
}
