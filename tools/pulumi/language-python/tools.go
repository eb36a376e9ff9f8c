//go:build tools

// Package tools pins the Python language host. 3.68.0 is the newest release of the sdk module that still holds it;
// later ones moved it to a module that the Go proxy does not serve. It runs programs under current CLIs and SDKs.
package tools

import _ "github.com/pulumi/pulumi/sdk/v3/python/cmd/pulumi-language-python"
