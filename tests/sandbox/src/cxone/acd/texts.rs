//! Text messages, by channels of the digital services.

use chrono::TimeDelta;
use serde_json::{Value, json};

use super::{
    Handler,
    answer::{Answer, Outcome, Refusal, iso},
    asked::Asked,
    number::Number,
    tenant::{Channel, Tenant, TextMessage},
    traits::{Recipient, Trace, Verdict},
};

/// Rows of a page unless told.
const PAGE_DEFAULT: usize = 25;
/// The four members of a recipient.
const MEMBERS: [&str; 4] = ["idOnExternalPlatform", "name", "isPrimary", "isPrivate"];

pub(super) const SERVED: &[(&str, Handler)] =
    &[("dfoChannels", channels), ("sendOutbound", send), ("dfoMessages", messages)];

fn channels(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let is_asked = |channel: &Channel| {
        asked.texts("id[]").is_none_or(|ids| ids.contains(&channel.id.as_str()))
            && asked.flag("isPrivate") != Some(true)
            && asked.flag("hasManualOutboundFlow").is_none_or(|sends| sends == channel.sends)
            && asked.flag("withPermissionToManualOutbound") != Some(false)
    };
    let row = |channel: &Channel| {
        json!({
            "id": channel.id,
            "name": channel.number.formatted(),
            "idOnExternalPlatform": channel.number.international(),
            "realExternalPlatformId": "sms",
            "isPrivate": false,
            "hasOutboundFlow": channel.sends,
            "hasManualOutboundFlow": channel.sends,
        })
    };
    let size = |name: &str| asked.number(name).and_then(|it| usize::try_from(it).ok());
    let (size, page) = (size("size").unwrap_or(PAGE_DEFAULT), size("page").unwrap_or(1).max(1));
    let rows = tenant.channels.iter().filter(|channel| is_asked(channel)).map(row);
    Ok(Answer::of(rows.skip((page - 1) * size).take(size).collect()))
}

fn send(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    let channel = asked.said.path["channelId"].as_str().unwrap_or_default();
    if !tenant.channels.iter().any(|it| it.id == channel) {
        return Err(Refusal::not_found("channel"));
    }
    let to = tenant.read_recipient(asked.body())?;
    let trace_id = asked.header("x-trace-id").map(str::to_owned);
    let repeats = tenant.traits.texts.trace == Trace::Deduplicates && trace_id.is_some();
    let created = tenant.traits.texts.created;
    let known = tenant.texts.iter_mut().find(|it| repeats && it.trace_id == trace_id);
    if let Some(known) = known {
        known.posts += 1;
        return Ok(Answer::created(created, sent(known)));
    }
    let body = asked.body();
    let message = TextMessage {
        id: ambient::id().to_string(),
        contact_id: tenant.new_id().to_string(),
        channel: channel.to_owned(),
        to,
        text: body["messageContent"]["payload"]["text"].as_str().unwrap_or_default().to_owned(),
        status: body["contact"]["status"].as_str().map(str::to_owned),
        trace_id,
        sent: tenant.now,
        posts: 1,
    };
    let answer = Answer::created(created, sent(&message));
    tenant.texts.push(message);
    Ok(answer)
}

fn sent(message: &TextMessage) -> Value {
    json!({
        "consumerContact": { "id": message.contact_id, "contactId": message.contact_id },
        "message": { "id": message.id, "idOnExternalPlatform": message.id },
    })
}

impl Tenant {
    fn read_recipient(&self, body: &Value) -> Result<Number, Refusal> {
        let traits = &self.traits.texts;
        let recipients = body["recipients"].as_array().map(Vec::as_slice).unwrap_or_default();
        let [recipient] = recipients else {
            return Err(Refusal::invalid("recipients must have one item"));
        };
        if traits.members && MEMBERS.iter().any(|member| recipient[member].is_null()) {
            return Err(Refusal::invalid("a recipient must have all members"));
        }
        if traits.thread && body["thread"].is_null() {
            return Err(Refusal::invalid("thread is missing"));
        }
        let text = recipient["idOnExternalPlatform"].as_str().unwrap_or_default();
        let is_spelled = match traits.recipient {
            Recipient::Any => true,
            Recipient::WithPlus => text.starts_with('+'),
            Recipient::Digits => !text.starts_with('+'),
        };
        let number = Number::read(text).filter(|_| is_spelled);
        let number =
            number.ok_or_else(|| Refusal::invalid("idOnExternalPlatform is not a number"))?;
        match self.refused.get(&number) {
            Some(words) => Err(Refusal::invalid(words)),
            None if traits.when_closed == Verdict::Refused && !self.is_business_open() => {
                Err(Refusal::invalid("the business unit is closed"))
            }
            None => Ok(number),
        }
    }
}

fn messages(tenant: &mut Tenant, asked: &Asked) -> Outcome {
    if asked.text("direction").is_some_and(|it| !["inbound", "outbound"].contains(&it)) {
        return Err(Refusal::invalid("direction must be inbound or outbound"));
    }
    let delay = TimeDelta::seconds(tenant.traits.texts.found_after_s.into());
    let is_asked = |it: &TextMessage| {
        it.sent + delay <= tenant.now
            && asked.text("direction").is_none_or(|direction| direction == "outbound")
            && asked.texts("channel[]").is_none_or(|ids| ids.contains(&it.channel.as_str()))
            && asked.texts("idOnExternalPlatform[]").is_none_or(|ids| ids.contains(&it.id.as_str()))
            && ["contentContains", "query"]
                .iter()
                .all(|name| asked.text(name).is_none_or(|part| it.text.contains(part)))
    };
    let row = |it: &TextMessage| {
        json!({
            "id": it.id,
            "createdAt": iso(it.sent),
            "direction": "outbound",
            "contactNumber": it.contact_id,
            "messageContent": { "type": "TEXT", "payload": { "text": it.text } },
        })
    };
    let found = tenant.texts.iter().filter(|message| is_asked(message));
    let rows: Vec<Value> = found.map(row).collect();
    Ok(Answer::of(json!({ "hits": rows.len(), "data": rows })))
}
