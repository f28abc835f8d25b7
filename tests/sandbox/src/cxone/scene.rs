//! What tests have happen in CXone, whatever API it speaks.

use chrono::TimeDelta;

use super::{
    Api, Cxone,
    acd::{Contact, Tenant, Zone},
};

/// Length of a call.
const CALL: TimeDelta = TimeDelta::minutes(1);

impl Cxone {
    /// Has so many calls of a campaign end now. With the API v2 a campaign makes its calls by its
    /// schedules, and nothing is done.
    ///
    /// # Panics
    ///
    /// With the REST services, when the campaign has no skill.
    pub fn make_calls(&self, campaign: &str, calls: u64) {
        if self.api() == Api::Acd {
            self.tenant().make_calls(campaign, calls);
        }
    }

    /// Has a campaign have completed so many calls, whatever it did before.
    ///
    /// # Panics
    ///
    /// With the REST services, when the campaign has no skill.
    pub fn set_completed(&self, campaign: &str, calls: u64) {
        match self.api() {
            Api::V2 => self.script_progress(campaign, vec![calls]),
            Api::Acd => {
                let mut tenant = self.tenant();
                let skill = tenant.skill_of(campaign);
                tenant.contacts.retain(|_, contact| Some(contact.skill) != skill);
                tenant.make_calls(campaign, calls);
            }
        }
    }

    /// Refuses to count the calls of a campaign from now on, with this message.
    ///
    /// # Panics
    ///
    /// With the REST services, when the campaign has no skill.
    pub fn refuse_counts(&self, campaign: &str, message: &str) {
        match self.api() {
            Api::V2 => self.refuse_analytics(campaign, message),
            Api::Acd => {
                let mut tenant = self.tenant();
                let skill = tenant.skills.values_mut().find(|skill| skill.name == campaign);
                skill.expect("a skill of the campaign").refuses_counts = Some(message.to_owned());
            }
        }
    }

    /// Refuses schedules for a zone from now on. Only the API v2 has a message for it; skills have no
    /// hours there.
    ///
    /// # Panics
    ///
    /// With the REST services, when the tenant has no such zone.
    pub fn refuse_zone(&self, zone: &str, message: &str) {
        match self.api() {
            Api::V2 => self.refuse_schedules(zone, message),
            Api::Acd => {
                let zone = zone.parse().ok().and_then(Zone::of).expect("a zone of the tenant");
                let mut tenant = self.tenant();
                let skills = tenant.skills.values_mut();
                skills.for_each(|skill| skill.hours.retain(|hours| hours.zone != zone.name));
            }
        }
    }
}

impl Tenant {
    fn skill_of(&self, campaign: &str) -> Option<i64> {
        self.skills.iter().find(|(_, skill)| skill.name == campaign).map(|(id, _)| *id)
    }

    fn make_calls(&mut self, campaign: &str, calls: u64) {
        let skill = self.skill_of(campaign).expect("a skill of the campaign");
        for _ in 0..calls {
            let id = self.new_id();
            self.contacts.insert(id, Contact::outbound(skill, None, None, self.now - CALL));
        }
    }
}
