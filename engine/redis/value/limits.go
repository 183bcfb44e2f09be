// Limits: how far collections stay packed.

package value

import "github.com/cachesrv/cachesrv/config"

// Limits are the live settings that decide how a collection is kept; the field says which. Numbers of bytes or of elements.
type Limits struct {
	HashEntries, HashValue           *config.Value
	ListSize, ListDepth              *config.Value
	SetInts, SetEntries, SetValue    *config.Value
	SortedSetEntries, SortedSetValue *config.Value
	NodeBytes, NodeEntries           *config.Value // of streams
}

// NewLimits finds them among the settings.
func NewLimits(s *config.Settings) *Limits {
	return &Limits{
		HashEntries: s.Value("hash-max-listpack-entries"), HashValue: s.Value("hash-max-listpack-value"),
		ListSize: s.Value("list-max-listpack-size"), ListDepth: s.Value("list-compress-depth"),
		SetInts: s.Value("set-max-intset-entries"), SetEntries: s.Value("set-max-listpack-entries"), SetValue: s.Value("set-max-listpack-value"),
		SortedSetEntries: s.Value("zset-max-listpack-entries"), SortedSetValue: s.Value("zset-max-listpack-value"),
		NodeBytes: s.Value("stream-node-max-bytes"), NodeEntries: s.Value("stream-node-max-entries"),
	}
}
