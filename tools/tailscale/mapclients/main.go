// Command map-clients runs any number of Tailscale control clients in one process. Each has a machine key of its own,
// registers with a pre-auth key and follows its network map; of a node it has nothing else, so that a small machine can
// hold hundreds.
//
// It reads orders from standard input and writes what the clients learn to standard output, a JSON object a line:
//
//	{"id":"b1","controlUrl":"http://127.0.0.1:8085","authKey":"hskey-auth-…","hostname":"browser-1"}
//	{"id":"b1","leave":true}
//
//	{"id":"b1","nodeKey":"nodekey:…","peers":["nodekey:…"],"online":["nodekey:…"]}   each new map
//	{"id":"b1","lost":"why"}     its map ended by itself; it asks for another one
//	{"id":"b1","failed":"why"}   it could not register
//	{"id":"b1","left":true}
//
// It ends when standard input does, without logging anybody out.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"log"
	"os"
	"sync"
	"time"

	"tailscale.com/control/controlclient"
	"tailscale.com/health"
	"tailscale.com/net/netmon"
	"tailscale.com/net/tsdial"
	"tailscale.com/tailcfg"
	"tailscale.com/types/key"
	"tailscale.com/types/logger"
	"tailscale.com/types/netmap"
	"tailscale.com/util/eventbus"
)

// pollAgain is how long a client waits after its map ended: as tailscaled does at first.
const pollAgain = time.Second

type order struct {
	ID         string `json:"id"`
	ControlURL string `json:"controlUrl"`
	AuthKey    string `json:"authKey"`
	Hostname   string `json:"hostname"`
	Leave      bool   `json:"leave"`
}

type news struct {
	ID      string   `json:"id"`
	NodeKey string   `json:"nodeKey,omitempty"`
	Peers   []string `json:"peers,omitempty"`
	Online  []string `json:"online,omitempty"`
	Lost    string   `json:"lost,omitempty"`
	Failed  string   `json:"failed,omitempty"`
	Left    bool     `json:"left,omitempty"`
}

// world is what all clients share.
type world struct {
	bus    *eventbus.Bus
	netMon *netmon.Monitor
	mu     sync.Mutex
	out    *json.Encoder
}

func main() {
	log.SetFlags(0)
	w := &world{bus: eventbus.New(), netMon: netmon.NewStatic(), out: json.NewEncoder(os.Stdout)}
	clients := map[string]*client{}
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		var o order
		if err := json.Unmarshal(lines.Bytes(), &o); err != nil {
			log.Fatalf("order %q: %v", lines.Text(), err)
		}
		if c := clients[o.ID]; c != nil && o.Leave {
			delete(clients, o.ID)
			go c.leave()
			continue
		}
		if o.Leave || clients[o.ID] != nil {
			log.Fatalf("order %q: no such client, or one that is there", lines.Text())
		}
		c, err := newClient(w, o)
		if err != nil {
			log.Fatalf("client %s: %v", o.ID, err)
		}
		clients[o.ID] = c
		go c.run()
	}
	if err := lines.Err(); err != nil {
		log.Fatal(err)
	}
}

func (w *world) tell(n news) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if err := w.out.Encode(n); err != nil {
		log.Fatal(err)
	}
}

// client is one node. It is a controlclient.NetmapUpdater: every change reaches it as a whole map.
type client struct {
	*world
	id     string
	direct *controlclient.Direct
	ctx    context.Context
	cancel context.CancelFunc
	ended  chan struct{}
}

func newClient(w *world, o order) (*client, error) {
	machine := key.NewMachine()
	dialer := tsdial.NewDialer(w.netMon)
	dialer.SetBus(w.bus)
	direct, err := controlclient.NewDirect(controlclient.Options{
		GetMachinePrivateKey: func() (key.MachinePrivate, error) { return machine, nil },
		ServerURL:            o.ControlURL,
		AuthKey:              o.AuthKey,
		// Without a BackendLogID nothing is sent.
		Hostinfo:       &tailcfg.Hostinfo{Hostname: o.Hostname, BackendLogID: "hubtab-load"},
		DiscoPublicKey: key.NewDisco().Public(),
		Logf:           logger.Discard,
		HealthTracker:  health.NewTracker(w.bus),
		Dialer:         dialer,
		Bus:            w.bus,
	})
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	return &client{world: w, id: o.ID, direct: direct, ctx: ctx, cancel: cancel, ended: make(chan struct{})}, nil
}

// run registers and follows the map until leave is called.
func (c *client) run() {
	defer close(c.ended)
	if err := c.register(); err != nil {
		c.tell(news{ID: c.id, Failed: err.Error()})
		return
	}
	for {
		err := c.direct.PollNetMap(c.ctx, c)
		if c.ctx.Err() != nil {
			return
		}
		c.tell(news{ID: c.id, Lost: err.Error()})
		select {
		case <-c.ctx.Done():
			return
		case <-time.After(pollAgain):
		}
	}
}

func (c *client) register() error {
	url, err := c.direct.TryLogin(c.ctx, controlclient.LoginDefault)
	if err != nil {
		return fmt.Errorf("register: %w", err)
	}
	if url != "" {
		return fmt.Errorf("register: the key was not taken")
	}
	return nil
}

// UpdateFullNetmap implements controlclient.NetmapUpdater.
func (c *client) UpdateFullNetmap(nm *netmap.NetworkMap) {
	told := news{ID: c.id, NodeKey: nm.NodeKey.String()}
	for _, peer := range nm.Peers {
		name := peer.Key().String()
		told.Peers = append(told.Peers, name)
		if peer.Online().Get() {
			told.Online = append(told.Online, name)
		}
	}
	c.tell(told)
	// Once it has a map, a node tells which relay it is at.
	if relay := nm.DERPMap.RegionIDs(); len(relay) > 0 {
		if c.direct.SetNetInfo(&tailcfg.NetInfo{PreferredDERP: relay[0]}) {
			go func() { _ = c.direct.SendUpdate(c.ctx) }() // the poll tells if the way is gone
		}
	}
}

func (c *client) leave() {
	c.cancel()
	<-c.ended
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	if err := c.direct.TryLogout(ctx); err != nil {
		c.tell(news{ID: c.id, Lost: err.Error()})
	}
	_ = c.direct.Close() // what is left is a connection that nobody reads
	c.tell(news{ID: c.id, Left: true})
}
