# Nothing is skipped but the look for an EC2 machine: the provider asks STS who it is, as at AWS.

terraform {
  required_providers {
    aws = {
      source = "hashicorp/aws"
    }
  }
}

variable "endpoint" {
  type    = string
  default = "http://127.0.0.1:4566"
}

# 1 for what is created, 2 for the same queues with everything changed that can be.
variable "generation" {
  type    = number
  default = 1
}

# Begins the queues' names, so that runs don't meet.
variable "prefix" {
  type    = string
  default = "interop"
}

# Any will do, but where signatures are enforced: there it is the root's.
variable "access_key" {
  type    = string
  default = "123456789012"
}

variable "secret_key" {
  type    = string
  default = "secret"
}

provider "aws" {
  region                  = "eu-west-1"
  access_key              = var.access_key
  secret_key              = var.secret_key
  skip_metadata_api_check = true

  endpoints {
    iam = var.endpoint
    kms = var.endpoint
    sns = var.endpoint
    sqs = var.endpoint
    sts = var.endpoint
  }
}
