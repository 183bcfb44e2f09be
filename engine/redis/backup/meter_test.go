package backup

import (
	"bytes"
	"context"
	"io"
	"testing"
	"time"
)

// TestTheRateIsKept lets sleeping pass the time, and looks at how much has passed.
func TestTheRateIsKept(t *testing.T) {
	now := begin
	last := int64(0)
	m := &Meter{
		Rate:   100_000,
		Now:    func() time.Time { return now },
		Sleep:  func(_ context.Context, d time.Duration) error { now = now.Add(d); return nil },
		Report: func(done, total int64) { last = done },
	}
	m.Expect(1_000_000)
	r := &metered{ctx: context.Background(), m: m, r: bytes.NewReader(payload(1_000_000))}
	if n, err := io.Copy(io.Discard, r); n != 1_000_000 || err != nil {
		t.Fatal(n, err)
	}
	if took := now.Sub(begin); took < 9900*time.Millisecond || took > 10100*time.Millisecond {
		t.Errorf("a million bytes at 100,000 a second took %v", took)
	}
	if last != 1_000_000 {
		t.Errorf("told of %d bytes", last)
	}
	if _, err := r.Seek(0, io.SeekStart); err != nil || m.Done() != 0 {
		t.Errorf("sent again, %d bytes count", m.Done())
	}
}

func TestAMeterEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancelCause(context.Background())
	cancel(errWire)
	r := &metered{ctx: ctx, m: &Meter{}, r: bytes.NewReader(payload(10))}
	if _, err := r.Read(make([]byte, 10)); err != errWire {
		t.Error(err)
	}
}
