//go:build tools

// Package tools pins the Pulumi CLI: go.mod and go.sum beside it are the lock file of install.py.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
