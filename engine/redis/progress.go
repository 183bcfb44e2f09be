// progress: how far the loading of the data has come, while there is one.

package redis

import (
	"sync/atomic"
	"time"
)

// progress is written by who loads and read by INFO.
type progress struct {
	on          atomic.Bool
	started     atomic.Int64 // Unix seconds
	total, done atomic.Int64 // bytes
	used        atomic.Int64 // memory that the data took where it was saved
	keys, gone  atomic.Int64 // of the last loading: keys loaded, keys left out since they had expired
}

// begin says that total bytes are going to be loaded. Until end, commands that need data are refused.
func (p *progress) begin(total int64) {
	p.started.Store(time.Now().Unix())
	p.total.Store(total)
	p.used.Store(0)
	p.at(0, 0, 0)
	p.on.Store(true)
}

func (p *progress) at(done, keys, gone int64) {
	p.done.Store(done)
	p.keys.Store(keys)
	p.gone.Store(gone)
}

func (p *progress) end() { p.on.Store(false) }
