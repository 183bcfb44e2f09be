// docs/commands-memcached.md is made from the table. To renew it: go test ./engine/memcached -run Docs -update

package memcached

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write docs/commands-memcached.md")

const docsPath = "../../docs/commands-memcached.md"

const docsHead = `# Commands of the memcached personality

The classic text protocol and the meta commands as memcached 1.6.18 speaks them; the binary protocol is below. This file is made from the command table; do not edit it.

`

const docsTail = `
## What differs from the original

| what | original | here | why |
|---|---|---|---|
| refused storage command (bad key, bad flags, bad version) | the body is read as the next command | the announced body is thrown away | the connection stays in step |
| body of another length than announced | what is left of the line is read as a command | the rest of the line is thrown away | the connection stays in step |
| <bytes> beyond 32 bits | cut to 32 bits | ` + "`CLIENT_ERROR bad command line format`" + ` | a length must not be guessed |
| <expiry> beyond 32 bits | cut to 32 bits | taken as it is | Unix times after 2038 work |
| too long a key in a get behind other commands of one batch | their replies are lost too | only the get fails | one bad key is one bad command |
| too long a key in a get whose line is longer than 2 KB or whose replies exceed 64 KB | only the error is sent | values before it may have been sent, then the error instead of ` + "`END`" + ` | the line is answered while it arrives |
| incr on a value of spaces only, or of 2^63 and more | reads memory behind the value and answers by chance | counted if it is a number, else ` + "`CLIENT_ERROR cannot increment or decrement non-numeric value`" + ` | |
| incr with a result shorter than the value | spaces at the end, unless a get of the same batch still holds the value | spaces at the end, always | |
| item expiry | whole seconds of the server's clock | milliseconds from the command | |
| versions | every change counts one up | unique and ascending, given when gets asks for one | items that are only set and got do not store one |
| ms that is refused for its key, its length or too many flags | the body is read as the next command | the announced body is thrown away | the connection stays in step |
| flags E and x of meta commands | unknown in 1.6.18 | as in later versions: E gives the version, x of md empties the item | |
| seconds left of an item that a T or an N has just made expire | a negative number as an unsigned one | 0 | |
| me, exp= | seconds left, with a minus sign | without it | it is what protocol.txt says |
| l of mg, la= of me | moves with the queues of the original, not with every access | with segmented as there, but for an item in HOT or TEMP since it was stored; else seconds since the last access if the eviction policy keeps them, or 0 | |
| an O flag of 33 bytes and more | mg and ma do what they should, then answer the error | nothing is done | |
| an item that N of mg or ma made for a key in base64, to which something was appended, or that came in the binary protocol | its key is shown as it is, whatever bytes are in it | shown in base64 | the client could not read the reply |
| stats cachedump and stats detail dump of a key with blanks or control characters | as it is | with %XX for them, as in metadump | it could look like other lines of the reply |
| T and c of an ma that makes the number longer | set the expiry and show the version of the item that was replaced | of the new one | |
| md with I on a version that nobody asked for | counts versions up | the item has none until somebody asks | |
| binary: bytes behind a frame that is refused | unknown opcode: too many are thrown away; value of stat: read as the next frame | exactly the announced body is thrown away, or the connection is closed | the connection stays in step |
| binary: body of 2^31 bytes and more | its length becomes negative | status 0x03, closed | unsigned arithmetic |
| binary: bad magic byte | replies that are ready may be lost | they are sent, then the connection is closed | |
| binary: verbosity | unknown opcode | works | |
| flush_all with a delay, or with a Unix time | in force with the server's second before; what is stored in that second is gone too | one second before, to the millisecond; what is stored later stays | a delay of 1 is at once, as there |
| binary: flush with a delay | items that an earlier flush removed may come back | as flush_all | |
| binary: stat | settings, items, slabs, sizes, detail, reset | also conns | |
| binary: version in the answer of a quiet request's item | counted up always | given when an answer shows it | items that are only set store none |
| -S | mechanisms and users of the SASL library | PLAIN, users of the file in MEMCACHED_SASL_PWDB or sasl-password-file | one binary, no plugins |
| SASL message, token of -Y | as long as an item | at most 16384 bytes, else the connection is closed | a stranger costs nothing |
| -S with -Y | starts, and the text protocol needs no SASL | refused | |
| -Y file | 8 users, empty users and passwords allowed, no empty lines | as many as fit in 1 MB, no empty ones, empty lines allowed | |
| watch | rawcmds, sysevents and proxy… exist; a look that meets an expired item says so | these words are known, but nothing comes; not_found | no such threads, and what is expired is not there |
| watch, of ms with a key in base64 | as of any | as of any, and what binary requests store by incr is not told | |
| -U with more than 65535 | starts, without the port that was asked for | refused with exit status 64, as for -p | |
| extstore | works | refused | there is no disk part |
| lru_crawler metadump | refused behind other commands of one batch | answered; la only if the eviction policy keeps it | |
| watch behind other commands of one batch | refused | works | |
| watch: clsid= of a value that was not stored | the class of the room made for it | 0 | no room is made for it |
| UDP: several requests in one datagram | a datagram for each reply | their replies are one answer | |
| lru_crawler metadump over UDP | no answer | answered if it fits | |
| lru mode | how the queues work | sets maxmemory-policy; the default, allkeys-adaptive, is neither of the two | it has the better hit ratios |
| lru tune, lru temp_ttl | shares and factors of the queues of each class, in seconds | those of all items together, with segmented, by age in insertions: HOT and WARM have their shares from the first eviction on. With another policy they are kept and shown, with one warning in the log | there are no links between items: a sample tells where a queue ends |
| temporary_ttl | an item stays in TEMP whatever its expiry becomes | until touch moves its expiry further away than temporary_ttl, or temp_ttl is lowered | |
| slabs automove, lru_crawler sleep and tocrawl | tune the server | kept and shown in stats settings; in force is automove (0 stops the compactor) | the store moves blocks and removes expired items by other means |
| stats items: number_hot … number_temp, age, age_hot, age_warm | counted all the time | with segmented (and flat, where all is in COLD) counted by a walk; in a store of more than 16384 items that many stand for the others. Zero with other policies | costs nothing in between |
| stats items: moves_to_cold, moves_to_warm, moves_within_lru, hits_to_… | when it happens | moves_to_cold when an item leaves COLD again by eviction, expiry or a read; moves_to_warm from COLD only, by get; every get of an item in WARM moves it to its head; mg with u counts no hit | items are not told when they move |
| stats slabs, stats items, stats cachedump | slab classes with their counters | the store's own size classes, up to 32 KB a block; the blocks of its tables count too | |
| store_too_large, store_no_memory | without what the binary protocol sent | of all protocols | |
| stats sizes | counted all the time when enabled | counted by a walk over the store when asked | costs nothing in between |
`

func commandsDoc() string {
	var b strings.Builder
	b.WriteString(docsHead + "| command | what it does |\n|---|---|\n")
	var rows func(list []command)
	rows = func(list []command) {
		for i := range list {
			c := &list[i]
			b.WriteString("| `" + strings.ReplaceAll(c.syntax, "|", "\\|") + "` | " + c.about + " |\n")
			rows(c.subs)
		}
	}
	for _, family := range families {
		rows(family)
	}
	b.WriteString(binaryDoc())
	b.WriteString(docsTail)
	return b.String()
}

// binaryDoc lists the opcodes.
func binaryDoc() string {
	var b strings.Builder
	b.WriteString("\n## The binary protocol\n\nA quiet opcode answers failures, and of a get the hits.\n\n| opcode | name | extras | key | value |\n|---|---|---|---|---|\n")
	for _, op := range binaryOps() {
		name, ext, key, value := op.name, "", "", ""
		if op.quiet {
			name += ", quiet"
		}
		if op.ext > 0 {
			ext = fmt.Sprintf("%d bytes", op.ext)
		}
		if op.has(opNoExt) {
			ext += " or none"
		}
		switch {
		case op.has(opKey):
			key = "yes"
		case op.has(opName) && op.has(opBeforeAuth):
			key = "mechanism"
		case op.has(opName):
			key = "name"
		case op.has(opAnyName):
			key = "report or none"
		}
		if op.has(opValue) {
			value = "yes"
		}
		fmt.Fprintf(&b, "| 0x%02x | %s | %s | %s | %s |\n", op.code, name, ext, key, value)
	}
	return b.String()
}

func TestDocs(t *testing.T) {
	want := commandsDoc()
	if *update {
		if err := os.MkdirAll("../../docs", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(docsPath, []byte(want), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile(docsPath)
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != want {
		t.Errorf("%s is not what the table says; renew it with -update", docsPath)
	}
}
