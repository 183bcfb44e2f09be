// The contract of Store and Tx while they are being written; every body here moves to its own file.

package core

// Store is the shared memory core: databases of keys spread over locked shards.
type Store struct{}

// Tx is one worker's handle on the store. It is used by one goroutine at a time and reused for ever; every
// worker has its own. The order of calls is: Enter, then for every command Lock… → reads and writes → Unlock, then Leave.
type Tx struct {
	// NoTouch makes Read leave the access clock alone (CLIENT NO-TOUCH). Set per command by the caller.
	NoTouch bool
}

// Item is a stored item as seen under its shard's lock: all bytes alias the store and are valid until Unlock,
// or until the next change of the same key. The zero Item is "not there".
type Item struct{}

func (it Item) Ok() bool        { panic("todo") }
func (it Item) Name() []byte    { panic("todo") }
func (it Item) Value() []byte   { panic("todo") }
func (it Item) Type() Type      { panic("todo") }
func (it Item) Enc() Enc        { panic("todo") }
func (it Item) ExpireAt() int64 { panic("todo") } // Unix ms, 0 never
func (it Item) Flags() uint32   { panic("todo") }
func (it Item) CAS() uint64     { panic("todo") } // 0 none
func (it Item) Size() int       { panic("todo") } // bytes of the block, table slot not included
func (it Item) Access() uint32  { panic("todo") } // the 24-bit access field of the eviction policy

// Open makes a store. Close stops its goroutines and gives its memory back; nobody may use it then.
func Open(o Options) (*Store, error) { panic("todo") }
func (s *Store) Close()              { panic("todo") }
func (s *Store) NewTx() *Tx          { panic("todo") }
func (s *Store) hash([]byte) uint64  { panic("todo") }

// Enter takes the shared side of the store for a batch of commands, waiting while somebody holds it exclusively.
func (t *Tx) Enter() { panic("todo") }

// TryEnter is Enter without waiting; false: the store is held exclusively, try again after Store.OnFree's call.
func (t *Tx) TryEnter() bool { panic("todo") }

// Leave gives the shared side back.
func (t *Tx) Leave() { panic("todo") }

// Exclusive runs f while nobody else is in the store. Call it inside Enter…Leave without locks held: it leaves the
// shared side, waits for all others to leave, runs f (which needs no locks) and enters again.
func (t *Tx) Exclusive(f func()) { panic("todo") }

// Now is the batch's time in Unix ms; Tick renews it from the clock. Enter and TryEnter tick.
func (t *Tx) Now() int64 { panic("todo") }
func (t *Tx) Tick()      { panic("todo") }

// Lock1 locks the shard of one key; Lock those of several (ascending, each once); LockAll every shard. Unlock
// releases whatever is held. Nested locking is a bug and panics in debug builds.
func (t *Tx) Lock1(k Key)     { panic("todo") }
func (t *Tx) Lock(keys []Key) { panic("todo") }
func (t *Tx) LockAll()        { panic("todo") }
func (t *Tx) Unlock()         { panic("todo") }

// Find looks a key up without counting it as an access. Expired items are never returned.
func (t *Tx) Find(db int, k Key) Item { panic("todo") }

// Read is Find and counts as an access for the eviction policy (unless NoTouch).
func (t *Tx) Read(db int, k Key) Item { panic("todo") }

// Touch counts an access for an item found; no effect when not there.
func (t *Tx) Touch(db int, k Key) bool { panic("todo") }

// Put stores v under k, replacing everything that was there (expiry, flags and version too).
// An ExpireAt in the past is stored as any other: the item is then simply gone for every reader.
func (t *Tx) Put(db int, k Key, v Value) error { panic("todo") }

// Resize makes the value of an existing item n bytes long, keeping its content, expiry and flags (zero bytes behind it when it
// grows), and returns the value's bytes for writing. It also serves to change a value in place (n = its length): writing
// into Item.Value directly is forbidden. The CAS version is kept; change it with SetCAS. Error if not there: ErrNotFound.
func (t *Tx) Resize(db int, k Key, n int, enc Enc) ([]byte, error) { panic("todo") }

// SetExpire changes the expiry (0: persist); false if not there. SetCAS changes the version (0: none).
func (t *Tx) SetExpire(db int, k Key, at int64) bool { panic("todo") }
func (t *Tx) SetCAS(db int, k Key, cas uint64) bool  { panic("todo") }

// Delete removes an item, true if it was there (and not expired).
func (t *Tx) Delete(db int, k Key) bool { panic("todo") }

// Move moves an item with everything it has to another name and/or database, replacing what was there; false if there is
// no source. Both keys' shards must be locked. Copy leaves the source.
func (t *Tx) Move(db int, k Key, toDB int, to Key) (bool, error) { panic("todo") }
func (t *Tx) Copy(db int, k Key, toDB int, to Key) (bool, error) { panic("todo") }

// MakeRoom evicts until need more bytes fit under the limit. Call it inside Enter, before Lock, with an estimate of
// what the command adds (0 is fine: "is there room at all"). ErrFull when nothing may go.
func (t *Tx) MakeRoom(need int) error { panic("todo") }

// Scan visits about count items at the cursor (0 starts) and returns the next cursor, 0 at the end. Redis's guarantee: a key
// there from start to end is visited at least once. No lock may be held (or LockAll); f runs under the shard's lock.
func (t *Tx) Scan(db int, cursor uint64, count int, f func(Item)) uint64 { panic("todo") }

// Each visits every item once, shard by shard, until f says false. Locks as Scan.
func (t *Tx) Each(db int, f func(Item) bool) { panic("todo") }

// Random gives the name of a random item of db appended to dst, false if there is none. Locks as Scan.
func (t *Tx) Random(db int, dst []byte) ([]byte, bool) { panic("todo") }

// Flush empties a database (-1: all) and returns how many items went. Only inside Exclusive. Unless sync, memory is given back by a background goroutine.
func (t *Tx) Flush(db int, sync bool) int { panic("todo") }

// Swap exchanges two databases. Only inside Exclusive.
func (t *Tx) Swap(a, b int) { panic("todo") }

// Journalling tells whether anybody reads the journal; Record hands it one command, under the shard locks of the write. args are copied by the reader.
func (t *Tx) Journalling() bool            { panic("todo") }
func (t *Tx) Record(db int, args [][]byte) { panic("todo") }

// Journal reads every change in one total order per key; called under the shard lock, it must not block or call the store.
type Journal interface {
	Command(db int, args [][]byte)                 // a write command, or what it was replaced with
	Removed(db int, name []byte, why RemoveReason) // an item that the store itself removed
}

// RemoveReason is why the store removed an item by itself.
type RemoveReason uint8

const (
	Expired RemoveReason = iota
	Evicted
)

// SetJournal sets the reader of changes, nil for none. Takes the store exclusively.
func (s *Store) SetJournal(j Journal) { panic("todo") }

// NextCAS gives a version never given before by this store (unique, ascending, from 1).
func (s *Store) NextCAS() uint64 { panic("todo") }

// OnFree registers f to run once when the store is no longer held exclusively (at once if it is not).
func (s *Store) OnFree(f func()) { panic("todo") }

// Len is the number of items of a database, expired ones not yet removed included; Expiring those with an expiry.
// AvgTTL is a sampled estimate in ms of the remaining time of those.
func (s *Store) Len(db int) int      { panic("todo") }
func (s *Store) Expiring(db int) int { panic("todo") }
func (s *Store) AvgTTL(db int) int64 { panic("todo") }
func (s *Store) Databases() int      { panic("todo") }
func (s *Store) Shards() int         { panic("todo") }

// Foreign is memory outside the store that counts against the limit (client buffers); engines and loops add and subtract.
func (s *Store) AddForeign(n int64) { panic("todo") }

// Settings that may change while the store runs.
func (s *Store) SetMaxMemory(n int64)           { panic("todo") }
func (s *Store) SetPolicy(name string) error    { panic("todo") }
func (s *Store) SetSamples(n int)               { panic("todo") }
func (s *Store) SetLFU(logFactor, decayMin int) { panic("todo") }
func (s *Store) SetActiveExpire(on bool)        { panic("todo") }
func (s *Store) MaxMemory() int64               { panic("todo") }
func (s *Store) Policy() string                 { panic("todo") }

// IdleSeconds and Frequency read an item's access field as the policy keeps it; false if the policy does not keep that.
func (s *Store) IdleSeconds(it Item) (int64, bool) { panic("todo") }
func (s *Store) Frequency(it Item) (int, bool)     { panic("todo") }

// Memory is what the store's memory is used for, in bytes.
type Memory struct {
	Used    int64 // Items + Tables + Wheels + Policy + Foreign: what MaxMemory limits
	Peak    int64 // highest Used seen (sampled)
	Items   int64 // blocks of items, as allocated
	Tables  int64
	Wheels  int64
	Policy  int64 // sketches
	Foreign int64
	Mapped  int64 // bytes of arena pages that the system has given: what RSS should show
	Startup int64 // Used of the empty store
}

func (s *Store) Memory() Memory { panic("todo") }

// Class is the state of one size class of items.
type Class struct {
	Size             int   // bytes of a block
	Spans, SpanPages int   // spans, and pages (4 KB) of each
	Total, Used      int64 // blocks
}

func (s *Store) Classes() []Class { panic("todo") }

// Stats are the store's counters since start or ResetStats.
type Stats struct {
	Expired, ExpiredLazily, Evicted int64
	EvictedUnread                   int64 // evicted without ever having been read
	ReclaimedExpired                int64 // evictions that found an expired item first
	Moved                           int64 // blocks moved by the compactor
}

func (s *Store) Stats() Stats { panic("todo") }
func (s *Store) ResetStats()  { panic("todo") }
