// The table of the binary protocol: one row an opcode.

package memcached

import (
	"encoding/binary"
	"fmt"
)

// binaryOp is one row: what the dispatcher needs to know before it runs the handler.
type binaryOp struct {
	code  byte
	name  string
	ext   uint8    // length of the extras
	flags opFlag   //
	quiet bool     // success is not answered; of a get, a miss
	like  string   // the text command it is, for the journal and for refusals; "" none
	as    *command // the row of like, or one without properties

	// run does the work with the shard of the key locked (opKey) or with nothing locked, and writes the response.
	run func(x *call)
}

// opFlag is a property of an opcode.
type opFlag uint16

const (
	opKey        opFlag = 1 << iota // has a key, whose shard is locked
	opName                          // has a key that is no item's: a mechanism, or the report that stat may name
	opAnyName                       // opName, and it may be empty
	opValue                         // a value may follow the key
	opItem                          // the value becomes an item: its size is checked, memory is needed
	opGrows                         // may add memory: room is made before the lock
	opStore                         // needs the store
	opStat                          // needs the store if its report does
	opNoExt                         // the extras may be left out
	opBeforeAuth                    // allowed to clients that have not authenticated
	opAuth                          // carries a secret: small
	opList                          // carries a list of nodes: not long
)

func (o *binaryOp) has(f opFlag) bool { return o.flags&f != 0 }

// shaped tells whether the lengths of a consistent frame are ones that the row allows.
func (o *binaryOp) shaped(f *frame) bool {
	switch {
	case f.extLen != o.ext && !(f.extLen == 0 && o.has(opNoExt)):
		return false
	case f.keyLen == 0 && o.has(opKey|opName):
		return false
	case f.keyLen != 0 && !o.has(opKey|opName|opAnyName):
		return false
	}
	return f.size() == 0 || o.has(opValue)
}

// flagsOf gives the client's flags that are in the extras of a set.
func (o *binaryOp) flagsOf(f *frame) uint32 {
	if o.ext != 8 {
		return 0
	}
	return binary.BigEndian.Uint32(f.ext)
}

const (
	opRead  = opKey | opStore | opGrows // a version may be new
	opWrite = opKey | opStore | opGrows | opValue | opItem
	opCount = opKey | opStore | opGrows
)

// binaryOps is every opcode. MULTIPLY, which the original reserves numbers for, and the commands of a range protocol that
// was never made are unknown, as in the original.
func binaryOps() []binaryOp {
	return []binaryOp{
		{code: 0x00, name: "get", flags: opRead, run: binGET},
		{code: 0x01, name: "set", ext: 8, flags: opWrite, like: "set", run: binSET},
		{code: 0x02, name: "add", ext: 8, flags: opWrite, like: "add", run: binADD},
		{code: 0x03, name: "replace", ext: 8, flags: opWrite, like: "replace", run: binREPLACE},
		{code: 0x04, name: "delete", flags: opKey | opStore, like: "delete", run: binDELETE},
		{code: 0x05, name: "increment", ext: 20, flags: opCount, like: "incr", run: binINCR},
		{code: 0x06, name: "decrement", ext: 20, flags: opCount, like: "decr", run: binDECR},
		{code: 0x07, name: "quit", run: binQUIT},
		{code: 0x08, name: "flush", ext: 4, flags: opStore | opNoExt, run: binFLUSH},
		{code: 0x09, name: "getq", quiet: true, flags: opRead, run: binGET},
		{code: 0x0a, name: "noop", run: binNOOP},
		{code: 0x0b, name: "version", flags: opBeforeAuth, run: binVERSION},
		{code: 0x0c, name: "getk", flags: opRead, run: binGETK},
		{code: 0x0d, name: "getkq", quiet: true, flags: opRead, run: binGETK},
		{code: 0x0e, name: "append", flags: opWrite, like: "append", run: binAPPEND},
		{code: 0x0f, name: "prepend", flags: opWrite, like: "prepend", run: binPREPEND},
		{code: 0x10, name: "stat", flags: opAnyName | opStat, like: "stats", run: binSTAT},
		{code: 0x11, name: "setq", quiet: true, ext: 8, flags: opWrite, like: "set", run: binSET},
		{code: 0x12, name: "addq", quiet: true, ext: 8, flags: opWrite, like: "add", run: binADD},
		{code: 0x13, name: "replaceq", quiet: true, ext: 8, flags: opWrite, like: "replace", run: binREPLACE},
		{code: 0x14, name: "deleteq", quiet: true, flags: opKey | opStore, like: "delete", run: binDELETE},
		{code: 0x15, name: "incrementq", quiet: true, ext: 20, flags: opCount, like: "incr", run: binINCR},
		{code: 0x16, name: "decrementq", quiet: true, ext: 20, flags: opCount, like: "decr", run: binDECR},
		{code: 0x17, name: "quitq", quiet: true, run: binQUIT},
		{code: 0x18, name: "flushq", quiet: true, ext: 4, flags: opStore | opNoExt, run: binFLUSH},
		{code: 0x19, name: "appendq", quiet: true, flags: opWrite, like: "append", run: binAPPEND},
		{code: 0x1a, name: "prependq", quiet: true, flags: opWrite, like: "prepend", run: binPREPEND},
		{code: 0x1b, name: "verbosity", ext: 4, run: binVERBOSITY},
		{code: 0x1c, name: "touch", ext: 4, flags: opRead, like: "touch", run: binTOUCH},
		{code: 0x1d, name: "gat", ext: 4, flags: opRead, like: "touch", run: binGAT},
		{code: 0x1e, name: "gatq", quiet: true, ext: 4, flags: opRead, like: "touch", run: binGAT},
		{code: 0x20, name: "sasl list", flags: opBeforeAuth, run: binSASLLIST},
		{code: 0x21, name: "sasl auth", flags: opName | opValue | opBeforeAuth | opAuth, run: binSASLAUTH},
		{code: 0x22, name: "sasl step", flags: opName | opValue | opBeforeAuth | opAuth, run: binSASLSTEP},
		{code: 0x23, name: "gatk", ext: 4, flags: opRead, like: "touch", run: binGATK},
		{code: 0x24, name: "gatkq", quiet: true, ext: 4, flags: opRead, like: "touch", run: binGATK},
		{code: 0x60, name: "config get", flags: opName, run: binCONFIGGET},
		{code: 0x64, name: "config set", ext: 4, flags: opName | opValue | opList, run: binCONFIGSET},
		{code: 0x66, name: "config delete", flags: opName, run: binCONFIGDELETE},
	}
}

// binaryTable finds rows by opcode.
type binaryTable struct{ ops [256]*binaryOp }

// plainRow stands for the text row where an opcode has none.
var plainRow = &command{}

// newBinaryTable builds the table and panics on rows that cannot work: a programming error.
func newBinaryTable(ops []binaryOp, text *table) *binaryTable {
	t := &binaryTable{}
	for i := range ops {
		o := &ops[i]
		o.as = plainRow
		if o.like != "" {
			o.as = text.find([]byte(o.like))
		}
		switch {
		case t.ops[o.code] != nil:
			panic(fmt.Sprintf("memcached: opcode %#02x is in the table twice", o.code))
		case o.as == nil || o.name == "" || o.run == nil:
			panic(fmt.Sprintf("memcached: opcode %#02x is incomplete", o.code))
		case o.has(opKey) && !o.has(opStore) || o.has(opItem) && !o.has(opValue):
			panic(fmt.Sprintf("memcached: opcode %#02x has flags that contradict each other", o.code))
		}
		t.ops[o.code] = o
	}
	return t
}
