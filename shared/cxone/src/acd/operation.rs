//! Operations of the ACD services and of Digital First Omnichannel.
//!
//! The version is part of a path, and no version is right for all: each is the newest at which a
//! client was seen to call the operation, else the one that most clients use.

use crate::paths;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    AddDncRecords,
    BusinessUnit,
    BusinessUnitTimeZones,
    CallList,
    CallbacksOfSkill,
    CompletedContacts,
    Contact,
    CreateCallback,
    DeleteCallback,
    DfoChannels,
    DfoMessages,
    DncGroup,
    ExpireDncRecords,
    PutSkillSchedule,
    PutSkillTimeZones,
    ScrubbedSkills,
    SearchDnc,
    SendOutbound,
    SetDisposition,
    Skill,
    SkillActivities,
    SkillAgents,
    SkillParameters,
    SkillSchedule,
    SkillSummaries,
    StartSkill,
    StopSkill,
    TagContact,
    UpdateBusinessData,
    WfmAgentPerformance,
}

impl paths::Operation for Operation {
    const ALL: &'static [Self] = &[
        Self::AddDncRecords,
        Self::BusinessUnit,
        Self::BusinessUnitTimeZones,
        Self::CallList,
        Self::CallbacksOfSkill,
        Self::CompletedContacts,
        Self::Contact,
        Self::CreateCallback,
        Self::DeleteCallback,
        Self::DfoChannels,
        Self::DfoMessages,
        Self::DncGroup,
        Self::ExpireDncRecords,
        Self::PutSkillSchedule,
        Self::PutSkillTimeZones,
        Self::ScrubbedSkills,
        Self::SearchDnc,
        Self::SendOutbound,
        Self::SetDisposition,
        Self::Skill,
        Self::SkillActivities,
        Self::SkillAgents,
        Self::SkillParameters,
        Self::SkillSchedule,
        Self::SkillSummaries,
        Self::StartSkill,
        Self::StopSkill,
        Self::TagContact,
        Self::UpdateBusinessData,
        Self::WfmAgentPerformance,
    ];

    fn id(self) -> &'static str {
        match self {
            Self::AddDncRecords => "addDncRecords",
            Self::BusinessUnit => "businessUnit",
            Self::BusinessUnitTimeZones => "businessUnitTimeZones",
            Self::CallList => "callList",
            Self::CallbacksOfSkill => "callbacksOfSkill",
            Self::CompletedContacts => "completedContacts",
            Self::Contact => "contact",
            Self::CreateCallback => "createCallback",
            Self::DeleteCallback => "deleteCallback",
            Self::DfoChannels => "dfoChannels",
            Self::DfoMessages => "dfoMessages",
            Self::DncGroup => "dncGroup",
            Self::ExpireDncRecords => "expireDncRecords",
            Self::PutSkillSchedule => "putSkillSchedule",
            Self::PutSkillTimeZones => "putSkillTimeZones",
            Self::ScrubbedSkills => "scrubbedSkills",
            Self::SearchDnc => "searchDnc",
            Self::SendOutbound => "sendOutbound",
            Self::SetDisposition => "setDisposition",
            Self::Skill => "skill",
            Self::SkillActivities => "skillActivities",
            Self::SkillAgents => "skillAgents",
            Self::SkillParameters => "skillParameters",
            Self::SkillSchedule => "skillSchedule",
            Self::SkillSummaries => "skillSummaries",
            Self::StartSkill => "startSkill",
            Self::StopSkill => "stopSkill",
            Self::TagContact => "tagContact",
            Self::UpdateBusinessData => "updateBusinessData",
            Self::WfmAgentPerformance => "wfmAgentPerformance",
        }
    }

    fn default_path(self) -> &'static str {
        match self {
            Self::AddDncRecords => "/incontactapi/services/v30.0/dnc-groups/{groupId}/records",
            Self::BusinessUnit => "/incontactapi/services/v30.0/business-unit",
            Self::BusinessUnitTimeZones => "/incontactapi/services/v17.0/business-unit/time-zones",
            Self::CallList => "/incontactapi/services/v30.0/lists/call-lists/{listId}",
            Self::CallbacksOfSkill => {
                "/incontactapi/services/v20.0/skills/{skillId}/scheduled-callbacks"
            }
            Self::CompletedContacts => "/incontactapi/services/v21.0/contacts/completed",
            Self::Contact => "/incontactapi/services/v28.0/contacts/{contactId}",
            Self::CreateCallback => "/incontactapi/services/v25.0/scheduled-callbacks",
            Self::DeleteCallback => "/incontactapi/services/v25.0/scheduled-callbacks/{callbackId}",
            Self::DfoChannels => "/dfo/3.0/channels",
            Self::DfoMessages => "/dfo/3.0/messages",
            Self::DncGroup => "/incontactapi/services/v30.0/dnc-groups/{groupId}",
            Self::ExpireDncRecords => "/incontactapi/services/v12.0/dnc-groups/{groupId}/records",
            Self::PutSkillSchedule | Self::SkillSchedule => {
                "/incontactapi/services/v30.0/skills/{skillId}/parameters/schedule-settings"
            }
            Self::PutSkillTimeZones => {
                "/incontactapi/services/v17.0/skills/{skillId}/parameters/time-zones"
            }
            Self::ScrubbedSkills => {
                "/incontactapi/services/v30.0/dnc-groups/{groupId}/scrubbed-skills"
            }
            Self::SearchDnc => "/incontactapi/services/v30.0/dnc-groups/search",
            Self::SendOutbound => "/dfo/3.0/channels/{channelId}/outbound",
            Self::SetDisposition => {
                "/incontactapi/services/v18.0/contacts/{contactId}/set-disposition"
            }
            Self::Skill => "/incontactapi/services/v30.0/skills/{skillId}",
            Self::SkillActivities => "/incontactapi/services/v23.0/skills/activity",
            Self::SkillAgents => "/incontactapi/services/v30.0/skills/{skillId}/agents",
            Self::SkillParameters => "/incontactapi/services/v30.0/skills/{skillId}/parameters",
            Self::SkillSummaries => "/incontactapi/services/v21.0/skills/summary",
            Self::StartSkill => "/incontactapi/services/v30.0/skills/{skillId}/start",
            Self::StopSkill => "/incontactapi/services/v30.0/skills/{skillId}/stop",
            Self::TagContact => "/incontactapi/services/v23.0/contacts/{contactId}/tags",
            Self::UpdateBusinessData => {
                "/business-data-manager/v1/business-data/contact/{acdContactId}"
            }
            Self::WfmAgentPerformance => {
                "/incontactapi/services/v21.0/wfm-data/skills/agent-performance"
            }
        }
    }
}
