//! State of the tenant as it is seen from outside.

use super::{
    DNC_GROUP, TAGS, Tenant,
    number::Number,
    tenant::{Callback, Contact, TextMessage},
};
use crate::cxone::{Called, PlannedCall, Text, View};

impl Tenant {
    pub(in crate::cxone) fn view(&self) -> View {
        let records = self.groups.get(&DNC_GROUP).map(|group| group.records.iter());
        let in_force = records.into_iter().flatten().filter(|(_, it)| it.is_in_force(self.now));
        let campaign = |skill| self.skills.get(&skill).map(|skill| skill.name.clone());
        let callback = |it: &Callback| PlannedCall {
            campaign: campaign(it.skill).unwrap_or_default(),
            number: it.number.e164(),
            at: it.due,
        };
        let text = |it: &TextMessage| Text { to: it.to.e164(), message: it.text.clone() };
        // A category is written as a tag. Nothing takes a tag off again: the last one counts.
        let category = |contact: &Contact| {
            let tag = contact.last_tag?;
            TAGS.iter().find(|(id, _)| *id == tag).map(|(_, name)| (*name).to_owned())
        };
        let called = |(id, it): (&i64, &Contact)| {
            let number = it.number.as_ref().map(Number::e164);
            (id.to_string(), Called { number, category: category(it) })
        };
        View {
            listed: in_force.map(|(number, _)| number.e164()).collect(),
            callbacks: self.callbacks.values().map(callback).collect(),
            texts: self.texts.iter().map(text).collect(),
            called: self.contacts.iter().map(called).collect(),
        }
    }
}
