//! State of the API v2 as it is seen from outside.

use super::World;
use crate::{
    DNC_LIST,
    cxone::{Called, PlannedCall, Text, View},
};

impl World {
    pub(in crate::cxone) fn view(&self) -> View {
        let listed = self.lists.get(DNC_LIST).map(|list| list.contacts.keys().cloned());
        let callback = |contact: &super::Contact| PlannedCall {
            campaign: contact.campaign_id.clone(),
            number: contact.phone.clone(),
            at: contact.scheduled_start,
        };
        let text = |it: &super::Message| Text { to: it.to.clone(), message: it.message.clone() };
        let called = |(id, record): (&String, &super::ContactRecord)| {
            let (number, category) = (record.phone.clone(), record.category.clone());
            (id.clone(), Called { number, category })
        };
        View {
            listed: listed.into_iter().flatten().collect(),
            callbacks: self.contacts.by_id.values().map(callback).collect(),
            texts: self.messages.iter().map(text).collect(),
            called: self.contact_records.iter().map(called).collect(),
        }
    }
}
