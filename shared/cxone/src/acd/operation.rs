//! Operations of the ACD services and of Digital First Omnichannel.
//!
//! The version is part of a path, and no version is right for all: each is the newest at which a
//! client was seen to call the operation, else the one that most clients use.

use crate::paths;

/// A path of the ACD services at a version, such as `/incontactapi/services/v30.0/business-unit`.
macro_rules! services {
    ($version:literal, $path:literal) => {
        concat!("/incontactapi/services/v", $version, ".0", $path)
    };
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Operation {
    AddDncRecords,
    ApiVersions,
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
    Dispositions,
    DispositionsOfSkill,
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
        Self::ApiVersions,
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
        Self::Dispositions,
        Self::DispositionsOfSkill,
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
            Self::ApiVersions => "apiVersions",
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
            Self::Dispositions => "dispositions",
            Self::DispositionsOfSkill => "dispositionsOfSkill",
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
            Self::AddDncRecords => services!(30, "/dnc-groups/{groupId}/records"),
            Self::ApiVersions => services!(30, "/apiversion"),
            Self::BusinessUnit => services!(30, "/business-unit"),
            Self::BusinessUnitTimeZones => services!(17, "/business-unit/time-zones"),
            Self::CallList => services!(30, "/lists/call-lists/{listId}"),
            Self::CallbacksOfSkill => services!(20, "/skills/{skillId}/scheduled-callbacks"),
            Self::CompletedContacts => services!(21, "/contacts/completed"),
            Self::Contact => services!(28, "/contacts/{contactId}"),
            Self::CreateCallback => services!(25, "/scheduled-callbacks"),
            Self::DeleteCallback => services!(25, "/scheduled-callbacks/{callbackId}"),
            Self::DfoChannels => "/dfo/3.0/channels",
            Self::DfoMessages => "/dfo/3.0/messages",
            Self::Dispositions => services!(30, "/dispositions"),
            // Later versions are said to need another permission.
            Self::DispositionsOfSkill => services!(12, "/skills/{skillId}/dispositions"),
            Self::DncGroup => services!(30, "/dnc-groups/{groupId}"),
            Self::ExpireDncRecords => services!(12, "/dnc-groups/{groupId}/records"),
            Self::PutSkillSchedule | Self::SkillSchedule => {
                services!(30, "/skills/{skillId}/parameters/schedule-settings")
            }
            Self::PutSkillTimeZones => services!(17, "/skills/{skillId}/parameters/time-zones"),
            Self::ScrubbedSkills => services!(30, "/dnc-groups/{groupId}/scrubbed-skills"),
            Self::SearchDnc => services!(30, "/dnc-groups/search"),
            Self::SendOutbound => "/dfo/3.0/channels/{channelId}/outbound",
            Self::SetDisposition => services!(18, "/contacts/{contactId}/set-disposition"),
            Self::Skill => services!(30, "/skills/{skillId}"),
            Self::SkillActivities => services!(23, "/skills/activity"),
            Self::SkillAgents => services!(30, "/skills/{skillId}/agents"),
            Self::SkillParameters => services!(30, "/skills/{skillId}/parameters"),
            Self::SkillSummaries => services!(21, "/skills/summary"),
            Self::StartSkill => services!(30, "/skills/{skillId}/start"),
            Self::StopSkill => services!(30, "/skills/{skillId}/stop"),
            Self::TagContact => services!(23, "/contacts/{contactId}/tags"),
            Self::UpdateBusinessData => {
                "/business-data-manager/v1/business-data/contact/{acdContactId}"
            }
            Self::WfmAgentPerformance => services!(21, "/wfm-data/skills/agent-performance"),
        }
    }
}
