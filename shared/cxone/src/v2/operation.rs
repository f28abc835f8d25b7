//! Operations of the v2 API. Tenants differ, so every path can be overridden.

use crate::paths;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    AddToDncList,
    CreateContact,
    CreateSchedule,
    Forecast,
    GetContact,
    ListContacts,
    QueryAnalytics,
    RegisterWebhook,
    SendSms,
    SubscribeEvents,
    UpdateContact,
    UpsertDncContact,
}

impl paths::Operation for Operation {
    const ALL: &'static [Self] = &[
        Self::AddToDncList,
        Self::CreateContact,
        Self::CreateSchedule,
        Self::Forecast,
        Self::GetContact,
        Self::ListContacts,
        Self::QueryAnalytics,
        Self::RegisterWebhook,
        Self::SendSms,
        Self::SubscribeEvents,
        Self::UpdateContact,
        Self::UpsertDncContact,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::AddToDncList => "addToDncList",
            Self::CreateContact => "createContact",
            Self::CreateSchedule => "createSchedule",
            Self::Forecast => "forecast",
            Self::GetContact => "getContact",
            Self::ListContacts => "listContacts",
            Self::QueryAnalytics => "queryAnalytics",
            Self::RegisterWebhook => "registerWebhook",
            Self::SendSms => "sendSms",
            Self::SubscribeEvents => "subscribeEvents",
            Self::UpdateContact => "updateContact",
            Self::UpsertDncContact => "upsertDncContact",
        }
    }

    fn default_path(self) -> &'static str {
        match self {
            Self::AddToDncList => "/api/v2/outbound/dnc-lists/{listId}/contacts",
            Self::CreateContact | Self::ListContacts => "/api/v2/outbound/contacts",
            Self::CreateSchedule => "/api/v2/outbound/campaigns/{campaignId}/schedules",
            Self::Forecast => "/api/v2/outbound/forecast",
            Self::GetContact | Self::UpdateContact => "/api/v2/contacts/{contactId}",
            Self::QueryAnalytics => "/api/v2/analytics/outbound/details/query",
            Self::RegisterWebhook => "/api/v2/webhooks",
            Self::SendSms => "/api/v2/messaging/sessions",
            Self::SubscribeEvents => "/api/v2/event-subscriptions",
            Self::UpsertDncContact => "/api/v2/outbound/dnc-lists/{listId}/contacts/{contactId}",
        }
    }
}
