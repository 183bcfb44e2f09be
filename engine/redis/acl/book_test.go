// The book: logins, changes as a whole, deletion, and readers beside writers.

package acl

import (
	"strings"
	"sync"
	"testing"
)

func TestLogin(t *testing.T) {
	b := NewBook(few())
	for _, u := range []string{"alice on >secret >other", "bob off >secret", "carl on nopass", "dora on"} {
		w := words(u)
		if _, _, _, err := b.Set(string(w[0]), w[1:]); err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		user, password string
		want           bool
	}{
		{"alice", "secret", true}, {"alice", "other", true}, {"alice", "Secret", false}, {"alice", "", false}, {"alice", "secret\x00", false},
		{"alice", strings.Repeat("x", 1<<20), false}, {"bob", "secret", false}, {"carl", "anything", true}, {"dora", "", false}, {"Alice", "secret", false}, {"", "", false},
		{"nosuch", "secret", false}, {"default", "x", true},
	} {
		if got := b.Login([]byte(c.user), []byte(c.password)); (got != nil) != c.want || got != nil && got.Name != c.user {
			t.Errorf("%s %.20q: %v", c.user, c.password, got)
		}
	}
	b.SetPassword("pw")
	if b.Login([]byte("default"), []byte("x")) != nil || b.Login([]byte("default"), []byte("pw")) == nil || !b.Default.User().Locked() || !b.Default.User().Free {
		t.Error("a password of the default user")
	}
	b.SetPassword("")
	if b.Default.User().Locked() {
		t.Error("without a password the default user is locked")
	}
}

func TestDelete(t *testing.T) {
	b := NewBook(few())
	a, _, _, _ := b.Set("u", words("on nopass +@all ~* &*"))
	if !a.User().Free || b.Delete("nosuch") != nil || b.Delete("default") != nil || b.Delete("u") != a || b.Find([]byte("u")) != nil {
		t.Fatal("deleting")
	}
	if why, _ := a.User().Check(&Request{Command: 0}); why != DeniedCommand || !a.Gone() || a.User().Free {
		t.Error("who still has a deleted account may do something")
	}
	again, old, _, _ := b.Set("u", nil)
	if again == a || old != nil || again.Gone() {
		t.Error("a new user of the same name is the old one")
	}
}

func TestNames(t *testing.T) {
	b := NewBook(few())
	for _, name := range []string{"z", "a", "B"} {
		b.Set(name, nil)
	}
	if got := strings.Join(b.Names(), " "); got != "B a default z" {
		t.Error(got)
	}
	b.SetOpenChannels(true)
	if _, _, u, _ := b.Set("open", nil); u.Describe() != "off sanitize-payload &* -@all" {
		t.Error(u.Describe())
	}
	if _, _, u, _ := b.Set("open", words("(+get) reset (+set)")); u.Describe() != "off sanitize-payload &* -@all (&* -@all +set)" {
		t.Error(u.Describe())
	}
}

// TestReadersSeeWholeUsers changes a user between two states, of which each gives one right, while others check requests.
func TestReadersSeeWholeUsers(t *testing.T) {
	b := NewBook(few())
	a, _, _, _ := b.Set("u", words("on +get"))
	var wg sync.WaitGroup
	stop := make(chan struct{})
	for range 2 {
		wg.Add(1)
		go func() {
			defer wg.Done()
			for {
				select {
				case <-stop:
					return
				default:
				}
				u := a.User()
				get, _ := u.Check(&Request{Command: 0})
				set, _ := u.Check(&Request{Command: 1})
				if (get == Allowed) == (set == Allowed) {
					t.Error("half of a change was seen")
					return
				}
			}
		}()
	}
	for range 500 {
		b.Set("u", words("-get +set"))
		b.Set("u", words("+get -set"))
	}
	close(stop)
	wg.Wait()
}
