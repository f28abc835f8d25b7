"""What the journey has left behind, for the sandbox to judge."""

DEAD_LETTERS = (
    "DncDeadLetterQueue",
    "CallbackDeadLetterQueue",
    "CampaignWebhookDeadLetterQueue",
    "DispositionDeadLetterQueue",
    "InteractionDeadLetterQueue",
)
CONSUMERS = ("AnalyticsQueue", "CrmSyncQueue", "NotificationQueue")


def aftermath(stack, simulator):
    """The state after the journey: of CXone, of the receiver, in tables and queues."""
    runs = stack.client("dynamodb").scan(TableName=stack.ids["RunsTable"])["Items"]
    letters = [letter for queue in DEAD_LETTERS for letter in drained(stack, queue)]
    return {
        "cxone": simulator.state(),
        "reports": simulator.reports(),
        "campaigns": sorted({run["campaign_id"]["S"] for run in runs}),
        "delivered": [[it["Body"] for it in drained(stack, queue)] for queue in CONSUMERS],
        "deadLetters": [{"body": it["Body"], "code": error_code(it)} for it in letters],
    }


def error_code(letter):
    return letter.get("MessageAttributes", {}).get("error_code", {}).get("StringValue")


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
