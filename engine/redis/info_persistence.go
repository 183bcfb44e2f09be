// INFO's section Persistence.

package redis

import (
	"fmt"
	"time"
)

func (e *Engine) infoPersistence(r *report) {
	p, b := &e.progress, &e.background
	walked, keys := b.walked.Load(), b.keys.Load()
	var waiting, peak, age int64
	if s := b.spool.Load(); s != nil {
		waiting, peak, age = s.bytes(), s.peak.Load(), int64(time.Since(s.began)/time.Second)
	}
	r.line("loading", flagOf(p.on.Load()))
	silent, call := e.disk.Unanswered()
	r.line("disk_unanswered_seconds", int64(silent/time.Second))
	if silent >= time.Second {
		r.line("disk_unanswered_call", call)
	}
	r.zeros("async_loading")
	r.line("current_cow_peak", peak) // what is copied here is what waits to be written
	r.line("current_cow_size", waiting)
	r.line("current_cow_size_age", age)
	r.line("current_fork_perc", hundredths(walked, keys))
	r.line("current_save_keys_processed", walked)
	r.line("current_save_keys_total", keys)
	e.infoSaves(r)
	r.line("rdb_last_cow_size", b.lastPeak.Load())
	r.line("rdb_last_load_keys_expired", p.gone.Load())
	r.line("rdb_last_load_keys_loaded", p.keys.Load())
	e.aof.info(r)
	e.backups.info(r, e.settings.Get("backup-schedule") != "")
	if p.on.Load() {
		e.infoLoading(r)
	}
}

func (e *Engine) infoSaves(r *report) {
	s := &e.saves
	s.mu.Lock()
	defer s.mu.Unlock()
	status, took, now := "ok", int64(-1), int64(-1)
	if s.failed {
		status = "err"
	}
	if s.took >= 0 {
		took = int64(s.took / time.Second)
	}
	if !s.began.IsZero() {
		now = int64(time.Since(s.began) / time.Second)
	}
	r.line("rdb_changes_since_last_save", e.unsaved())
	r.line("rdb_bgsave_in_progress", flagOf(!s.began.IsZero()))
	r.line("rdb_last_save_time", s.last.Unix())
	r.line("rdb_last_bgsave_status", status)
	r.line("rdb_last_bgsave_time_sec", took)
	r.line("rdb_current_bgsave_time_sec", now)
	r.line("rdb_saves", s.good)
}

func (e *Engine) infoLoading(r *report) {
	p := &e.progress
	began, total, done := p.started.Load(), p.total.Load(), p.done.Load()
	eta := int64(1)
	if spent := time.Now().Unix() - began; spent > 0 && done > 0 {
		eta = spent * max(total-done, 0) / done
	}
	r.line("loading_start_time", began)
	r.line("loading_total_bytes", total)
	r.line("loading_rdb_used_mem", p.used.Load())
	r.line("loading_loaded_bytes", done)
	r.line("loading_loaded_perc", hundredths(done, total))
	r.line("loading_eta_seconds", eta)
}

// hundredths is a part in percent.
func hundredths(part, whole int64) string {
	if whole <= 0 {
		return "0.00"
	}
	return fmt.Sprintf("%.2f", float64(part)*100/float64(whole))
}
