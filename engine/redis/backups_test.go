package redis

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/cachesrv/cachesrv/core"
)

func TestABackupByTheServer(t *testing.T) {
	r := newRig(t, core.Options{})
	c := r.client()
	c.want("+OK\r\n", "set", "k", "v")
	target := filepath.Join(t.TempDir(), "backups")
	for name, text := range map[string]string{"backup-target": target, "backup-schedule": "every 1000h", "backup-keep": "2"} {
		r.setting(name, text)
	}
	for range 3 {
		r.e.backUp()
	}
	if list, err := os.ReadDir(target); err != nil || len(list) != 2 {
		t.Errorf("the target holds %v, %v", list, err)
	}
	if got := r.info("backup_last_status"); got != "ok" || r.info("backups") != "3" || r.info("backup_last_size") == "0" {
		t.Errorf("status %q, %s backups", got, r.info("backups"))
	}
	if list, err := os.ReadDir(filepath.Join(r.set.Get("dir"), backupSpool)); err != nil || len(list) != 0 {
		t.Errorf("the spool holds %v, %v", list, err)
	}
	d, _ := r.disk()
	d.write.Store(true)
	r.e.backUp()
	if r.info("backup_last_status") != "err" || r.info("backup_failures") != "1" {
		t.Error("a full disk is not told")
	}
	c.want("+OK\r\n", "set", "k", "w")
	if r.e.working() != noJob {
		t.Error("the job goes on")
	}
	now := time.Now()
	if due := r.e.nextBackup(now); due.Before(now) {
		t.Errorf("the next one is due %v", due)
	}
	r.setting("backup-schedule", "")
	if !r.e.nextBackup(now).IsZero() {
		t.Error("due without a schedule")
	}
}

func TestAnIntervalGoesOnAcrossRestarts(t *testing.T) {
	target := filepath.Join(t.TempDir(), "backups")
	start := func(schedule string) *rig {
		r := newRig(t, core.Options{})
		r.setting("backup-target", target)
		r.setting("backup-schedule", schedule)
		return r
	}
	now := time.Now()
	if due := start("every 6h").e.nextBackup(now); due.Sub(now) > 6*time.Hour || due.Sub(now) < 6*time.Hour-time.Second {
		t.Errorf("without any backup the next one is due in %v", due.Sub(now))
	}
	r := start("every 6h")
	r.e.backUp()
	made := r.e.backups.tried
	r = start("every 6h")
	for after, want := range map[time.Duration]time.Duration{
		0: 6 * time.Hour, 4 * time.Hour: 2 * time.Hour, 6*time.Hour + time.Minute: 0, 90 * time.Hour: 0, -2 * time.Hour: 6 * time.Hour,
	} {
		at := made.Add(after)
		if due := r.e.nextBackup(at); due.Sub(at) > want+time.Second || due.Sub(at) < want-2*time.Second {
			t.Errorf("%v after the last backup, in another process, the next one is due in %v, not in %v", after, due.Sub(at), want)
		}
	}
	list, err := os.ReadDir(target)
	if err != nil || len(list) != 1 {
		t.Fatal(list, err)
	}
	if err := os.WriteFile(filepath.Join(target, list[0].Name(), "backup.json"), []byte("{"), 0o600); err != nil {
		t.Fatal(err)
	}
	if due := r.e.nextBackup(now); due.Sub(now) < 6*time.Hour-time.Second {
		t.Errorf("a damaged backup counts: the next one is due in %v", due.Sub(now))
	}
}
