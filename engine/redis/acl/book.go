// Book: all accounts, and the changes that are made to them.

package acl

import (
	"crypto/sha256"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/puzpuzpuz/xsync/v3"
)

// DefaultName is the user that connections begin as.
const DefaultName = "default"

// Account is a name's place in the book. It outlives its deletion in the connections that still have it, but then
// its user may do nothing.
type Account struct {
	Name string
	user atomic.Pointer[User]
	gone atomic.Bool
}

// User is the account's user as it is now.
func (a *Account) User() *User { return a.user.Load() }

// Gone tells that the account was deleted. Who hands an account to a connection looks again after that.
func (a *Account) Gone() bool { return a.gone.Load() }

// void takes everything from a deleted account.
func (a *Account) void(t *Commands) {
	a.gone.Store(true)
	a.user.Store(newUser(t, a.Name, false).sealed())
}

type accounts = xsync.MapOf[string, *Account]

// Book is safe for use by any goroutine. Looking up takes no lock.
type Book struct {
	commands *Commands
	Default  *Account // always there
	open     atomic.Bool

	mu       sync.Mutex // orders changes
	accounts atomic.Pointer[accounts]
}

// NewBook holds the default user, who may do everything without a password.
func NewBook(t *Commands) *Book {
	b := &Book{commands: t, Default: &Account{Name: DefaultName}}
	b.Default.user.Store(freeUser(t, DefaultName))
	m := xsync.NewMapOf[string, *Account]()
	m.Store(DefaultName, b.Default)
	b.accounts.Store(m)
	return b
}

// SetOpenChannels says whether new users and selectors begin with all channels.
func (b *Book) SetOpenChannels(on bool) { b.open.Store(on) }

// Commands is the table that rules are read against.
func (b *Book) Commands() *Commands { return b.commands }

// Find gives the account of a name, nil if there is none.
func (b *Book) Find(name []byte) *Account {
	a, _ := b.accounts.Load().Load(string(name))
	return a
}

// Login gives the account for a name and password, nil if it is not to be had. It takes as long for a name that nobody has, a
// disabled user, and a wrong password.
func (b *Book) Login(name, password []byte) *Account {
	given := sha256.Sum256(password)
	a := b.Find(name)
	if a == nil {
		nobody.accepts(&given)
		return nil
	}
	if !a.User().accepts(&given) {
		return nil
	}
	return a
}

// nobody stands in for users that are not there, so that looking at their password costs what looking at one does.
var nobody = &User{passwords: make([]sum, 1)}

// Names are all users in order.
func (b *Book) Names() []string {
	var names []string
	b.accounts.Load().Range(func(name string, _ *Account) bool {
		names = append(names, name)
		return true
	})
	slices.Sort(names)
	return names
}

// Users are all users in the order of their names.
func (b *Book) Users() []*User {
	var users []*User
	b.accounts.Load().Range(func(_ string, a *Account) bool {
		users = append(users, a.User())
		return true
	})
	slices.SortFunc(users, func(a, b *User) int { return strings.Compare(a.Name, b.Name) })
	return users
}

// Set applies rules to a user, all or none, and makes the user if there is none. old is nil then. The error is a *RuleError or an
// *OpenError.
func (b *Book) Set(name string, rules [][]byte) (a *Account, old, now *User, err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	m := b.accounts.Load()
	if a, _ = m.Load(name); a != nil {
		old = a.User()
		now = old.clone()
	} else {
		now = newUser(b.commands, name, b.open.Load())
	}
	if err = now.change(b.commands, rules, b.open.Load()); err != nil {
		return nil, nil, nil, err
	}
	now.sealed()
	if a == nil {
		a = &Account{Name: name}
		a.user.Store(now)
		m.Store(name, a)
	} else {
		a.user.Store(now)
	}
	return a, old, now, nil
}

// SetPassword makes one password the only one of the default user; an empty one lets it in without.
func (b *Book) SetPassword(password string) {
	rules := [][]byte{[]byte("resetpass"), []byte("nopass")}
	if password != "" {
		rules[1] = []byte(">" + password)
	}
	if _, _, _, err := b.Set(DefaultName, rules); err != nil {
		panic("acl: the default user's password: " + err.Error())
	}
}

// Delete removes a user and gives the account whose connections are to be ended, nil if there is none. The default user stays.
func (b *Book) Delete(name string) *Account {
	b.mu.Lock()
	defer b.mu.Unlock()
	if name == DefaultName {
		return nil
	}
	a, _ := b.accounts.Load().LoadAndDelete(name)
	if a != nil {
		a.void(b.commands)
	}
	return a
}

// replace puts these users in the place of all there are; the caller holds mu. The default user's account stays; all other
// accounts end, also those whose name comes again.
func (b *Book) replace(users map[string]*User) (ended []*Account) {
	m := xsync.NewMapOf[string, *Account]()
	m.Store(DefaultName, b.Default)
	for name, u := range users {
		if name != DefaultName {
			a := &Account{Name: name}
			a.user.Store(u.sealed())
			m.Store(name, a)
		}
	}
	old := b.accounts.Swap(m)
	if u := users[DefaultName]; u != nil {
		b.Default.user.Store(u.sealed())
	} else {
		b.Default.user.Store(freeUser(b.commands, DefaultName))
	}
	old.Range(func(name string, a *Account) bool {
		if name != DefaultName {
			a.void(b.commands)
			ended = append(ended, a)
		}
		return true
	})
	return ended
}
