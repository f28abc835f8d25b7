"""Where the sample events are in the end, in the words of `events/journey.yaml`."""

import json

DEAD_LETTERS = (
    "DncDeadLetterQueue",
    "CallbackDeadLetterQueue",
    "CampaignWebhookDeadLetterQueue",
    "DispositionDeadLetterQueue",
    "InteractionDeadLetterQueue",
)
CONSUMERS = ("AnalyticsQueue", "CrmSyncQueue", "NotificationQueue")


class Aftermath:
    """What the journey has left behind, in CXone, at the receiver, in tables and queues."""

    def __init__(self, stack, simulator):
        state = simulator.state()
        self._listed = state["dncLists"]["dnc-main"]["contacts"]
        self._contacts = state["contacts"].values()
        self._records = state["contactRecords"]
        self._messages = state["messages"]
        self._reports = simulator.reports()
        tables = stack.client("dynamodb")
        runs = tables.scan(TableName=stack.ids["RunsTable"])["Items"]
        self._campaigns = {run["campaign_id"]["S"] for run in runs}
        self._dead = [letter for queue in DEAD_LETTERS for letter in drained(stack, queue)]
        self._delivered = [
            [json.loads(message["Body"])["interactionId"] for message in drained(stack, queue)]
            for queue in CONSUMERS
        ]

    def ending(self, marker):
        """Where the event is that a marker stands for."""
        if marker in self._listed:
            return "listed"
        for places in (
            self._of_a_campaign,
            self._of_a_callback,
            self._of_a_disposition,
            self._of_an_interaction,
            self._among_the_dead_letters,
        ):
            if found := places(marker):
                return found
        return "rejected"

    def _of_a_campaign(self, campaign):
        for report in reversed(self._reports):
            body = report["body"]
            if body["data"]["campaignId"] == campaign:
                signed = "" if report["isAuthentic"] else ", with a wrong signature"
                return f"reported {body['event']}{signed}"
        return "running" if campaign in self._campaigns else None

    def _of_a_callback(self, number):
        is_contact = any(contact["phone"] == number for contact in self._contacts)
        has_sms = any(message["to"] == number for message in self._messages)
        if is_contact:
            return "confirmed" if has_sms else "scheduled"
        return "SMS sent" if has_sms else None

    def _of_a_disposition(self, contact):
        record = self._records.get(contact, {})
        if not (category := record.get("category")):
            return None
        is_listed = record["phone"] in self._listed
        return f"recorded {category}" + (" and listed" if is_listed else "")

    def _of_an_interaction(self, interaction):
        counts = [ids.count(interaction) for ids in self._delivered]
        return "delivered {}/{}/{}".format(*counts) if any(counts) else None

    def _among_the_dead_letters(self, text):
        for letter in self._dead:
            if text in letter["Body"]:
                code = letter.get("MessageAttributes", {}).get("error_code", {})
                return f"dead-lettered {code.get('StringValue', 'without a reason')}"
        return None


def drained(stack, queue):
    """The messages of a queue, which are taken out of it."""
    sqs, url = stack.client("sqs"), stack.ids[queue]
    messages = []
    while got := sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, MessageAttributeNames=["All"]
    ).get("Messages"):
        messages += got
        for message in got:
            sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    return messages
