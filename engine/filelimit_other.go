//go:build !unix

// Where there is no limit of open files to raise.

package engine

import "github.com/hashicorp/go-hclog"

func raiseFileLimit(clients int, _ hclog.Logger) int { return clients }
