// Meter: counts the bytes that go through it, slows them down, and notices when none do.

package backup

import (
	"context"
	"errors"
	"io"
	"sync"
	"time"
)

// Meter watches one transfer. The zero value counts; its methods may be called from several goroutines.
type Meter struct {
	Rate   int64                                      // bytes a second at most; 0: as fast as it goes
	Stall  time.Duration                              // a transfer of which nothing has moved for so long is given up; 0: never
	Report func(done, total int64)                    // told of progress, by who makes it
	Sleep  func(context.Context, time.Duration) error // set by tests
	Now    func() time.Time                           // set by tests

	mu          sync.Mutex // guards what follows
	done, total int64
	sent        int64 // since began
	began       time.Time
	timer       *time.Timer
	patience    time.Duration
}

// ErrStalled says that nothing has moved for too long.
var ErrStalled = errors.New("the transfer stands still")

// Watch gives the context of a transfer. The end must be called.
func (m *Meter) Watch(ctx context.Context) (watched context.Context, end func()) {
	if m.Stall <= 0 {
		return ctx, func() {}
	}
	watched, cancel := context.WithCancelCause(ctx)
	m.mu.Lock()
	m.patience = m.Stall
	t := time.AfterFunc(m.Stall, func() { cancel(ErrStalled) })
	m.timer = t
	m.mu.Unlock()
	return watched, func() {
		m.mu.Lock()
		t.Stop()
		if m.timer == t {
			m.timer = nil
		}
		m.mu.Unlock()
		cancel(context.Canceled)
	}
}

// Expect says how much there will be; 0: unknown.
func (m *Meter) Expect(total int64) {
	m.mu.Lock()
	m.done, m.total = 0, total
	m.mu.Unlock()
}

// Done is what went through since Expect.
func (m *Meter) Done() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.done
}

// Skip counts what need not be moved.
func (m *Meter) Skip(n int64) { m.count(n, false) }

// count takes note and tells how long to wait.
func (m *Meter) count(n int64, moved bool) (wait time.Duration) {
	m.mu.Lock()
	m.done += n
	done, total := m.done, m.total
	if moved && m.Rate > 0 {
		now := m.now()
		if m.began.IsZero() {
			m.began = now
		}
		m.sent += n
		wait = m.began.Add(time.Duration(float64(m.sent) / float64(m.Rate) * float64(time.Second))).Sub(now)
		if wait < -time.Second { // what was not used long ago is not used up at once
			m.began, m.sent, wait = now, 0, 0
		}
	}
	if m.timer != nil {
		m.timer.Reset(m.patience + max(wait, 0))
	}
	m.mu.Unlock()
	if m.Report != nil && n > 0 {
		m.Report(done, total)
	}
	return wait
}

func (m *Meter) now() time.Time {
	if m.Now != nil {
		return m.Now()
	}
	return time.Now()
}

func (m *Meter) pass(ctx context.Context, n int) error {
	wait := m.count(int64(n), true)
	if wait <= 0 {
		return nil
	}
	if m.Sleep != nil {
		return m.Sleep(ctx, wait)
	}
	t := time.NewTimer(wait)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// meterStep is what goes through at once.
const meterStep = 64 << 10

// metered is a reader that a Meter watches. Reading again from the beginning takes back what was counted.
type metered struct {
	ctx context.Context
	m   *Meter
	r   io.Reader
	n   int64
}

func (r *metered) Read(b []byte) (int, error) {
	if err := context.Cause(r.ctx); err != nil {
		return 0, err
	}
	n, err := r.r.Read(b[:min(len(b), meterStep)])
	r.n += int64(n)
	if slow := r.m.pass(r.ctx, n); slow != nil && err == nil {
		err = slow
	}
	return n, err
}

// Seek is for who sends the same bytes again.
func (r *metered) Seek(offset int64, whence int) (int64, error) {
	s, is := r.r.(io.Seeker)
	if !is {
		return 0, errors.ErrUnsupported
	}
	at, err := s.Seek(offset, whence)
	if err == nil && at < r.n {
		r.m.count(at-r.n, false)
		r.n = at
	}
	return at, err
}
