// Tests of keeping: what follows the files, and what a bad file leaves alone.

package certs

import (
	"bytes"
	"crypto/tls"
	"net"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/go-hclog"

	"github.com/cachesrv/cachesrv/engine/testca"
)

// kept is a keeper in use that looks at its files every time.
func kept(t *testing.T, f *fixture, log hclog.Logger) *Keeper {
	t.Helper()
	k := NewKeeper(log)
	k.every = 0
	commit, err := k.Prepare(f.Files)
	if err != nil {
		t.Fatal(err)
	}
	if k.Config() != nil {
		t.Fatal("in use before it is committed")
	}
	commit()
	return k
}

func nameIn(k *Keeper) string { return k.Config().Certificates[0].Leaf.Subject.CommonName }

func TestFilesAreFollowed(t *testing.T) {
	f := newFixture(t)
	var log bytes.Buffer
	k := kept(t, f, hclog.New(&hclog.LoggerOptions{Output: &log}))
	first := k.Config()
	if k.Config() != first {
		t.Error("read again without a change")
	}
	next := f.ca.Issue(testca.Leaf{Name: "next"})
	stage := t.TempDir()
	cert, key := testca.Files(t, stage, "server", next)
	if err := os.Rename(cert, f.Cert); err != nil { // between the two, nothing fits
		t.Fatal(err)
	}
	if got := nameIn(k); got != "server" {
		t.Errorf("%q with half of a change", got)
	}
	if !strings.Contains(log.String(), f.Cert) {
		t.Errorf("the log does not name the file: %s", &log)
	}
	said := log.Len()
	if k.Config(); log.Len() != said {
		t.Error("complains again of the same files")
	}
	if err := os.Rename(key, f.Key); err != nil {
		t.Fatal(err)
	}
	if got := nameIn(k); got != "next" {
		t.Errorf("%q after the change", got)
	}
}

func TestReloadIsAsked(t *testing.T) {
	f := newFixture(t)
	k := kept(t, f, hclog.NewNullLogger())
	k.every = time.Hour
	k.looked.Store(time.Now().UnixNano())
	testca.Files(t, f.dir, "server", f.ca.Issue(testca.Leaf{Name: "next"}))
	if got := nameIn(k); got != "server" {
		t.Errorf("%q: looked too early", got)
	}
	if err := k.Reload(); err != nil || nameIn(k) != "next" {
		t.Error(err, nameIn(k))
	}
	os.Remove(f.Key)
	if err := k.Reload(); err == nil || !strings.Contains(err.Error(), f.Key) || nameIn(k) != "next" {
		t.Error(err, nameIn(k))
	}
	if _, err := k.Prepare(f.Files); err == nil || nameIn(k) != "next" {
		t.Error(err, nameIn(k))
	}
	k.Clear()
	if k.Config() != nil || k.Reload() != nil {
		t.Error("in use after the end")
	}
}

func TestKeeperUnderLoad(t *testing.T) {
	f := newFixture(t)
	k := kept(t, f, hclog.NewNullLogger())
	var wait sync.WaitGroup
	for range 4 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for range 200 {
				if k.Config() == nil {
					t.Error("no configuration")
					return
				}
			}
		}()
	}
	for range 20 {
		testca.Files(t, f.dir, "server", f.ca.Issue(testca.Leaf{Name: "again"}))
	}
	wait.Wait()
	if nameIn(k) != "again" {
		t.Error(nameIn(k))
	}
}

// resumes makes two connections with the server's configuration and tells whether the second resumed the first.
func resumes(t *testing.T, server *tls.Config, ca *testca.CA) bool {
	t.Helper()
	client := &tls.Config{RootCAs: ca.Pool(), ServerName: "localhost", ClientSessionCache: tls.NewLRUClientSessionCache(1)}
	resumed := false
	for range 2 {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		go func() {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			defer conn.Close()
			tls.Server(conn, server).Write([]byte("x"))
			conn.Read(make([]byte, 1))
		}()
		conn, err := tls.Dial("tcp", l.Addr().String(), client)
		if err != nil {
			t.Fatal(err)
		}
		conn.Read(make([]byte, 1)) // the ticket comes before it
		resumed = conn.ConnectionState().DidResume
		conn.Close()
		l.Close()
	}
	return resumed
}

func TestTickets(t *testing.T) {
	f := newFixture(t)
	for _, c := range []struct {
		none bool
		age  time.Duration
		want bool
	}{{false, 0, true}, {false, time.Hour, true}, {false, time.Nanosecond, false}, {true, time.Hour, false}} {
		f.NoTickets, f.TicketAge = c.none, c.age
		config, _, err := f.Load()
		if err != nil {
			t.Fatal(err)
		}
		if got := resumes(t, config, f.ca); got != c.want {
			t.Errorf("tickets off %v, age %v: resumed %v", c.none, c.age, got)
		}
	}
}
