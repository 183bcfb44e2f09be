// Engine: what all clients of the Redis personality share.

package redis

import (
	"crypto/rand"
	"encoding/hex"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/go-hclog"
	"github.com/puzpuzpuz/xsync/v3"

	"github.com/cachesrv/cachesrv/config"
	"github.com/cachesrv/cachesrv/core"
	"github.com/cachesrv/cachesrv/core/vfs"
	"github.com/cachesrv/cachesrv/core/vfs/watch"
	"github.com/cachesrv/cachesrv/engine"
	"github.com/cachesrv/cachesrv/engine/redis/acl"
	"github.com/cachesrv/cachesrv/engine/redis/value"
)

// Version is the version of Redis whose commands and replies this engine follows.
const Version = "7.2.0"

// Engine is the Redis personality over one store. Its methods may be called from any goroutine.
type Engine struct {
	store    *core.Store
	settings *config.Settings
	log      hclog.Logger
	table    *table
	started  time.Time
	runID    string
	server   atomic.Pointer[engine.Server]

	users      *acl.Book
	denials    acl.Log
	penalties  acl.Penalties
	loginDelay *config.Value          // auth-delay-max
	delayLocal bool                   // also for logins from this machine: tests
	aclMax     *config.Value          // acllog-max-len
	onPassword atomic.Pointer[func()] // told when the default user has changed

	// Settings that every request reads.
	maxBulk  *config.Value
	compress *config.Value // rdbcompression
	tracking *config.Value
	limits   *value.Limits
	maxReply int           // bytes of a reply that repeats what is there
	hllLimit *config.Value // hll-sparse-max-bytes

	certUser       *config.Value // tls-auth-clients-user
	clientMemory   *config.Value // maxmemory-clients
	evictLooked    atomic.Int64  // on clock: when all clients were last looked at
	evictedClients atomic.Int64

	timed     atomic.Int64 // of those that wait, with a timeout
	blocked   atomic.Int64 // clients that wait
	events    events
	registry  registry
	alert     atomic.Uint32 // reasons to look twice at every request
	monitors  monitors
	pause     pause
	trackers  trackers
	slow      slowlog
	latency   latency
	shares    atomic.Pointer[[]float64] // latency-tracking-info-percentiles, as parts of 1
	rates     rates
	attacks   throttle
	perWorker [shards]atomic.Pointer[counters]

	watching, watchedKeys atomic.Int64 // clients with watched keys, and those keys
	expiredFields         atomic.Int64

	hits         sync.Pool // of *geoHits
	transactions sync.Pool // of *transaction
	agents       sync.Pool // of *agent
	scripts      *scripting

	fs         vfs.FS
	disk       *watch.FS // the same: what it has not answered
	background background
	progress   progress
	saves      saves
	stopping   stopping
	aof        appendOnly
	backups    backups

	errorKinds     *xsync.MapOf[string, *xsync.Counter]
	errorsTotal    atomic.Int64
	protocolErrors atomic.Int64
}

func newCounter() *xsync.Counter { return xsync.NewCounter() }

// New makes the engine. It follows the settings as they change.
func New(store *core.Store, settings *config.Settings, log hclog.Logger) (*Engine, error) {
	id := make([]byte, 20)
	if _, err := rand.Read(id); err != nil {
		return nil, err
	}
	e := &Engine{
		store: store, settings: settings, log: log,
		table:        newTable(families()),
		started:      time.Now(),
		runID:        hex.EncodeToString(id),
		maxBulk:      settings.Value("proto-max-bulk-len"),
		compress:     settings.Value("rdbcompression"),
		tracking:     settings.Value("latency-tracking"),
		hllLimit:     settings.Value("hll-sparse-max-bytes"),
		certUser:     settings.Value("tls-auth-clients-user"),
		clientMemory: settings.Value("maxmemory-clients"),
		limits:       value.NewLimits(settings),
		maxReply:     usualMaxReply,
		errorKinds:   xsync.NewMapOf[string, *xsync.Counter](),
	}
	e.SetFiles(vfs.OS)
	e.background.init()
	e.saves.init(e)
	e.aof.init(e)
	e.transactions.New = func() any { return new(transaction) }
	e.agents.New = func() any { return new(agent) }
	e.scripts = newScripting(e)
	store.OnLost(e.lost)
	store.SetParts(&parts{store.NewTx().Arena(), e.limits, &e.events, &e.expiredFields})
	e.events.to, e.events.store = &e.registry, store
	e.registry.init(&e.events)
	store.SetListener(&e.events)
	e.trackers.init(e)
	e.slow.after = settings.Value("slowlog-log-slower-than")
	e.slow.max = settings.Value("slowlog-max-len")
	settings.OnChange("slowlog-max-len", func(string) { e.slow.trim() })
	settings.OnChange("maxmemory-clients", func(string) { e.evictClients(e.clientsLimit(), nil) })
	e.latency.threshold = settings.Value("latency-monitor-threshold")
	e.latency.follow(store)
	settings.OnChange("latency-monitor-threshold", func(string) { e.latency.follow(store) })
	e.setShares(settings.Get("latency-tracking-info-percentiles"))
	settings.OnChange("latency-tracking-info-percentiles", e.setShares)
	notify := settings.Value("notify-keyspace-events")
	e.events.ask(class(notify.Int()))
	settings.OnChange("notify-keyspace-events", func(string) { e.events.ask(class(notify.Int())) })
	e.users = acl.NewBook(e.table.forRules())
	return e, e.openUsers()
}

// SetFiles says where the data is kept; without it that is the machine's file system. Call it before anything is loaded.
func (e *Engine) SetFiles(files vfs.FS) {
	e.disk = watch.Over(files)
	e.fs = e.disk
}

// Attach gives the engine the server that runs it. Call it before Listen.
func (e *Engine) Attach(s *engine.Server) { e.server.Store(s) }

// Name is the personality's name.
func (e *Engine) Name() string { return "redis" }

// Open makes the session of a new connection.
func (e *Engine) Open(conn *engine.Conn) engine.Session {
	c := &client{e: e, conn: conn}
	c.logOut()
	c.recognize()
	return c
}

// Refusal is what a refused connection is told.
func (e *Engine) Refusal(reason engine.Refusal) []byte {
	switch reason {
	case engine.TooManyClients:
		return []byte("-ERR max number of clients reached\r\n")
	case engine.ProtectedMode:
		return []byte(protectedText)
	}
	return nil
}

// protectedText says why a remote client is refused and what its owner can do. Clients look for its first words.
const protectedText = "-DENIED Redis is running in protected mode because protected mode is enabled and no password is set for the default user. In this mode connections are only accepted from the loopback interface. If you want to connect from external computers to Redis you may adopt one of the following solutions: 1) Just disable protected mode sending the command 'CONFIG SET protected-mode no' from the loopback interface by connecting to Redis from the same host the server is running, however MAKE SURE Redis is not publicly accessible from internet if you do so. Use CONFIG REWRITE to make this change permanent. 2) Alternatively you can just disable the protected mode by editing the Redis configuration file, and setting the protected mode option to 'no', and then restarting the server. 3) If you started the server manually just for testing, restart it with the '--protected-mode no' option. 4) Setup a an authentication password for the default user. NOTE: You only need to do one of the above things in order for the server to start accepting connections from the outside.\r\n"

// guard applies enable-debug-command, or enable-module-command to the subcommands of MODULE.
func (c *client) guard(cmd *command) error {
	setting, refusal := "enable-debug-command", errDebugOff
	if cmd.parent != nil {
		setting, refusal = "enable-module-command", errModuleOff
	}
	if c.allows(setting) {
		return nil
	}
	return refusal
}

// allows reads a setting that is no, yes, or local for clients of this machine.
func (c *client) allows(setting string) bool {
	switch c.e.settings.Get(setting) {
	case "yes":
		return true
	case "local":
		return c.local()
	}
	return false
}

// local reports a client of this machine.
func (c *client) local() bool {
	if c.conn.Unix() {
		return true
	}
	tcp, ok := c.conn.Remote().(*net.TCPAddr)
	return ok && tcp.IP.IsLoopback()
}

// clock is the time since the engine was made, from the monotonic clock: about 25 ns a reading.
func (e *Engine) clock() time.Duration { return time.Since(e.started) }

// throttle lets one of many events through per period.
type throttle struct{ last atomic.Int64 }

func (t *throttle) due(period time.Duration) bool {
	now := time.Now().UnixNano()
	last := t.last.Load()
	return now-last >= int64(period) && t.last.CompareAndSwap(last, now)
}

// addr writes an address as CLIENT LIST does: ip:port, [ip6]:port, or a unix socket's path and :0.
func addr(a net.Addr) string {
	switch a := a.(type) {
	case nil:
		return "?:0"
	case *net.UnixAddr:
		return a.Name + ":0"
	default:
		return a.String()
	}
}

func upper(s string) string { return strings.ToUpper(s) }
