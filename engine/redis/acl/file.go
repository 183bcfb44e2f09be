// Users as text: the file that `aclfile` names, and lines of the configuration.

package acl

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"strings"

	"github.com/cachesrv/cachesrv/config/replacing"
)

// maxFile is how long a file of users may be, so that a wrong path does not fill the memory.
const maxFile = 64 << 20

// Text is all users, one a line.
func (b *Book) Text() string {
	var out strings.Builder
	for _, u := range b.Users() {
		out.WriteString(u.Line())
		out.WriteByte('\n')
	}
	return out.String()
}

// Load puts the users of a file in the place of all there are. On any mistake nothing changes, and the error names every line
// that has one. The accounts given back have ended: their connections are to be closed. before and after are the default user.
func (b *Book) Load(path string) (ended []*Account, before, after *User, err error) {
	text, err := readFile(path)
	if err != nil {
		return nil, nil, nil, fmt.Errorf("Error loading ACLs, opening file '%s': %w", path, err)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	users, problems := b.parse(path, text)
	if problems != "" {
		return nil, nil, nil, errors.New(problems + "WARNING: ACL errors detected, no change to the previously active ACL rules was performed")
	}
	before = b.Default.User()
	ended = b.replace(users)
	return ended, before, b.Default.User(), nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	if err == nil && info.Size() > maxFile {
		return nil, errors.New("File too large")
	}
	text, err := os.ReadFile(path)
	return text, cause(err)
}

// cause is the system's word without operation and path, spelled as the C library does.
func cause(err error) error {
	for inner := errors.Unwrap(err); inner != nil; inner = errors.Unwrap(err) {
		err = inner
	}
	if err == nil {
		return nil
	}
	s := err.Error()
	return errors.New(strings.ToUpper(s[:1]) + s[1:])
}

// parse reads all lines, and goes on after a mistake so that one reading shows them all.
func (b *Book) parse(path string, text []byte) (users map[string]*User, problems string) {
	users = map[string]*User{}
	for i, line := range bytes.Split(text, []byte("\n")) {
		line = bytes.Trim(line, " \t\r\n")
		if len(line) == 0 {
			continue
		}
		where := fmt.Sprintf("%s:%d:", path, i+1)
		words := bytes.Split(line, []byte(" "))
		if string(words[0]) != "user" || len(words) < 2 {
			problems += where + " line should start with user keyword followed by the username. "
			continue
		}
		name := string(words[1])
		if !ValidName(name) {
			problems += fmt.Sprintf("%s username '%s' contains invalid characters. ", where, name)
			continue
		}
		if users[name] != nil {
			problems += fmt.Sprintf("WARNING: Duplicate user '%s' found on line %d. ", name, i+1)
			continue
		}
		u := newUser(b.commands, name, b.open.Load())
		users[name] = u
		problems += b.parseRules(u, words[2:], where)
	}
	return users, problems
}

// parseRules applies a line's rules and gives what is wrong with them: everything unknown, and the first of what cannot be read.
func (b *Book) parseRules(u *User, words [][]byte, where string) (problems string) {
	rules, err := joined(words)
	if err != nil {
		return where + " Unmatched parenthesis in selector definition."
	}
	told := false
	for _, rule := range rules {
		rule = bytes.Trim(rule, "\t\r\n")
		err := u.apply(b.commands, rule, b.open.Load())
		switch {
		case errors.Is(err, ErrUnknown):
			problems += fmt.Sprintf("%s Error in applying operation '%s': %v. ", where, rule, err)
		case err != nil && !told:
			problems += fmt.Sprintf("%s %v. ", where, err)
			told = true
		}
	}
	return problems
}

// Save writes all users beside the file, syncs, and renames: after a crash it is the old file or the new one, whole. Only the
// server may read it.
func (b *Book) Save(path string) error {
	b.mu.Lock() // what is written is one state
	defer b.mu.Unlock()
	return replacing.File(path, b.Text(), 0o600)
}

// Define makes the users that lines of a configuration declare: words are the name and the rules. The default user begins anew.
func (b *Book) Define(words []string) error {
	name := words[0]
	if !ValidName(name) {
		return errors.New("Spaces not allowed in ACL usernames")
	}
	rules := make([][]byte, 0, len(words))
	if name == DefaultName {
		rules = append(rules, []byte("reset"))
	}
	for _, w := range words[1:] {
		rules = append(rules, []byte(w))
	}
	_, _, _, err := b.Set(name, rules)
	return err
}
