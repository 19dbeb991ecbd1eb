# A topic with the defaults, one of each kind with every attribute, their subscriptions, and an application for pushes.

# A topic that keeps its messages can't be deleted.
variable "archive" {
  type    = bool
  default = true
}

resource "aws_sns_topic" "plain" {
  name = "${var.prefix}-plain"
}

resource "aws_sns_topic" "full" {
  name                                  = "${var.prefix}-full"
  display_name                          = local.changed ? "Second" : "First"
  kms_master_key_id                     = local.changed ? "alias/orders" : "alias/aws/sns"
  signature_version                     = local.changed ? 1 : 2
  tracing_config                        = local.changed ? "PassThrough" : "Active"
  http_success_feedback_role_arn        = "arn:aws:iam::123456789012:role/feedback-${var.generation}"
  http_success_feedback_sample_rate     = local.changed ? 0 : 50
  http_failure_feedback_role_arn        = "arn:aws:iam::123456789012:role/feedback"
  sqs_success_feedback_role_arn         = "arn:aws:iam::123456789012:role/feedback"
  sqs_success_feedback_sample_rate      = local.changed ? 100 : 1
  sqs_failure_feedback_role_arn         = "arn:aws:iam::123456789012:role/feedback"
  lambda_success_feedback_role_arn      = "arn:aws:iam::123456789012:role/feedback"
  lambda_success_feedback_sample_rate   = 10
  lambda_failure_feedback_role_arn      = "arn:aws:iam::123456789012:role/feedback"
  firehose_success_feedback_role_arn    = "arn:aws:iam::123456789012:role/feedback"
  firehose_success_feedback_sample_rate = 10
  firehose_failure_feedback_role_arn    = "arn:aws:iam::123456789012:role/feedback"
  application_success_feedback_role_arn = "arn:aws:iam::123456789012:role/feedback"
  application_failure_feedback_role_arn = "arn:aws:iam::123456789012:role/feedback"

  delivery_policy = jsonencode({
    http = {
      defaultHealthyRetryPolicy = {
        minDelayTarget     = local.changed ? 1 : 20
        maxDelayTarget     = local.changed ? 2 : 20
        numRetries         = local.changed ? 1 : 3
        numMaxDelayRetries = 0
        numNoDelayRetries  = 0
        numMinDelayRetries = 0
        backoffFunction    = local.changed ? "exponential" : "linear"
      }
      disableSubscriptionOverrides = local.changed
      defaultRequestPolicy = {
        headerContentType = local.changed ? "application/json" : "text/plain; charset=UTF-8"
      }
    }
  })

  tags = local.changed ? { team = "b", stage = "test" } : { team = "a" }
}

resource "aws_sns_topic" "fifo" {
  name                        = "${var.prefix}-orders.fifo"
  fifo_topic                  = true
  content_based_deduplication = !local.changed
  fifo_throughput_scope       = local.changed ? "MessageGroup" : "Topic"
  archive_policy              = var.archive ? jsonencode({ MessageRetentionPeriod = local.changed ? "365" : "30" }) : jsonencode({})
}

data "aws_iam_policy_document" "topic" {
  statement {
    sid       = "partner"
    actions   = local.changed ? ["sns:Publish", "sns:Subscribe"] : ["sns:Publish"]
    resources = [aws_sns_topic.plain.arn]

    principals {
      type        = "AWS"
      identifiers = ["arn:aws:iam::111122223333:root"]
    }
  }
}

resource "aws_sns_topic_policy" "plain" {
  arn    = aws_sns_topic.plain.arn
  policy = data.aws_iam_policy_document.topic.json
}

resource "aws_sns_topic_data_protection_policy" "plain" {
  arn = aws_sns_topic.plain.arn

  policy = jsonencode({
    Name    = "personal-${var.generation}"
    Version = "2021-06-01"
    Statement = [{
      Sid            = "mask"
      DataDirection  = "Inbound"
      Principal      = ["*"]
      DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/EmailAddress"]
      Operation      = { Deny = {} }
    }]
  })
}

resource "aws_sns_topic_subscription" "plain" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "sqs"
  endpoint  = aws_sqs_queue.plain.arn
}

resource "aws_sns_topic_subscription" "full" {
  topic_arn            = aws_sns_topic.full.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.full.arn
  raw_message_delivery = !local.changed
  filter_policy_scope  = local.changed ? "MessageAttributes" : "MessageBody"

  filter_policy = jsonencode({
    store = [{ prefix = "north-" }, { anything-but = ["closed"] }]
    price = [{ numeric = [">=", local.changed ? 100 : 10] }]
  })

  redrive_policy = jsonencode({ deadLetterTargetArn = local.changed ? aws_sqs_queue.plain.arn : aws_sqs_queue.apart.arn })
}

resource "aws_sns_topic_subscription" "fifo" {
  topic_arn            = aws_sns_topic.fifo.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.fifo.arn
  raw_message_delivery = local.changed
}

resource "aws_sns_topic_subscription" "phone" {
  topic_arn     = aws_sns_topic.plain.arn
  protocol      = "sms"
  endpoint      = "+12065550100"
  filter_policy = local.changed ? null : jsonencode({ urgent = ["yes"] })
}

# It waits for somebody to confirm it, and so can't be changed.
resource "aws_sns_topic_subscription" "email" {
  topic_arn = aws_sns_topic.plain.arn
  protocol  = "email"
  endpoint  = "someone@example.com"
}

resource "aws_sns_platform_application" "push" {
  name                             = "${var.prefix}-push"
  platform                         = "GCM"
  platform_credential              = local.changed ? "second" : "first"
  event_endpoint_created_topic_arn = local.changed ? aws_sns_topic.full.arn : aws_sns_topic.plain.arn
  success_feedback_sample_rate     = local.changed ? 100 : 10
}

resource "aws_sns_sms_preferences" "all" {
  default_sender_id   = local.changed ? "Second" : "First"
  default_sms_type    = local.changed ? "Transactional" : "Promotional"
  monthly_spend_limit = local.changed ? 2 : 1
}

data "aws_sns_topic" "full" {
  name       = aws_sns_topic.full.name
  depends_on = [aws_sns_topic.full]
}

output "topic" {
  value = aws_sns_topic.full.arn
}

output "found_topic" {
  value = data.aws_sns_topic.full.arn
}

output "subscription" {
  value = aws_sns_topic_subscription.full.arn
}
