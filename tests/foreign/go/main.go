// A DTLS and CoAP peer for tests, on pion/dtls and go-coap: words between tabs on standard input and output.
//
// Two layers. "Sessions" are pion's DTLS (or plain UDP) with go-coap's codec alone: every message is written by hand, so
// a test can repeat a message ID, leave an answer out, or keep two sessions of one identity. "Devices" are go-coap's whole
// client, with its own retransmission, blockwise transfers and router.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"net"
	"os"
	"strconv"
	"strings"
	"sync"
	"time"

	piondtls "github.com/pion/dtls/v3"
	coapdtls "github.com/plgd-dev/go-coap/v3/dtls"
	"github.com/plgd-dev/go-coap/v3/dtls/server"
	"github.com/plgd-dev/go-coap/v3/message"
	"github.com/plgd-dev/go-coap/v3/message/codes"
	"github.com/plgd-dev/go-coap/v3/message/pool"
	"github.com/plgd-dev/go-coap/v3/mux"
	coapnet "github.com/plgd-dev/go-coap/v3/net"
	"github.com/plgd-dev/go-coap/v3/net/blockwise"
	"github.com/plgd-dev/go-coap/v3/options"
	"github.com/plgd-dev/go-coap/v3/udp"
	"github.com/plgd-dev/go-coap/v3/udp/client"
	"github.com/plgd-dev/go-coap/v3/udp/coder"
)

const patience = 20 * time.Second

var (
	speaking sync.Mutex
	sessions = map[string]net.Conn{}
	devices  = map[string]*device{}
	escape   = strings.NewReplacer("\\", "\\\\", "\t", "\\t", "\n", "\\n")
)

func tell(words ...any) {
	line := make([]string, len(words))
	for i, word := range words {
		line[i] = escape.Replace(fmt.Sprint(word))
	}
	speaking.Lock()
	defer speaking.Unlock()
	fmt.Println(strings.Join(line, "\t"))
}

func must[T any](value T, err error) T {
	if err != nil {
		tell("error", err)
		panic(err)
	}
	return value
}

// Of a suite by its number in hexadecimal; without one TLS_PSK_WITH_AES_128_CCM_8.
func secrets(identity, key, suite string) (piondtls.Option, piondtls.Option, piondtls.Option) {
	secret := must(hex.DecodeString(key))
	chosen := piondtls.TLS_PSK_WITH_AES_128_CCM_8
	if suite != "" {
		chosen = piondtls.CipherSuiteID(must(strconv.ParseUint(suite, 16, 16)))
	}
	return piondtls.WithPSK(func([]byte) ([]byte, error) { return secret, nil }),
		piondtls.WithPSKIdentityHint([]byte(identity)),
		piondtls.WithCipherSuites(chosen)
}

// dial NAME ADDRESS IDENTITY KEY [SUITE] [cid]: a DTLS session; without an identity, plain UDP.
func dial(name, address string, secret []string) {
	if len(secret) == 0 {
		connection := must(net.Dial("udp", address))
		opened(name, connection)
		return
	}
	to := must(net.ResolveUDPAddr("udp", address))
	cid := secret[len(secret)-1] == "cid"
	if cid {
		secret = secret[:len(secret)-1]
	}
	psk, identity, suite := secrets(secret[0], secret[1], strings.Join(secret[2:], ""))
	chosen := []piondtls.ClientOption{psk, identity, suite}
	if cid {
		chosen = append(chosen, piondtls.WithConnectionIDGenerator(piondtls.OnlySendCIDGenerator()))
	}
	connection := must(piondtls.DialWithOptions("udp", to, chosen...))
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if err := connection.HandshakeContext(ctx); err != nil {
		tell("refused", name, err)
		return
	}
	opened(name, connection)
}

func opened(name string, connection net.Conn) {
	sessions[name] = connection
	tell("connected", name, connection.LocalAddr())
	go func() {
		buffer := make([]byte, 1<<16)
		for {
			count, err := connection.Read(buffer)
			if err != nil {
				tell("closed", name, err)
				return
			}
			heard(name, buffer[:count])
		}
	}()
}

// got NAME TYPE CODE MESSAGE-ID TOKEN OPTIONS PAYLOAD, as go-coap's codec reads it.
func heard(name string, data []byte) {
	read := message.Message{Options: make(message.Options, 0, 16)}
	if _, err := coder.DefaultCoder.Decode(data, &read); err != nil {
		tell("undecodable", name, hex.EncodeToString(data), err)
		return
	}
	listed := make([]string, len(read.Options))
	for i, option := range read.Options {
		listed[i] = fmt.Sprintf("%d=%s", option.ID, hex.EncodeToString(option.Value))
	}
	tell("got", name, read.Type, dotted(read.Code), read.MessageID, hex.EncodeToString(read.Token), strings.Join(listed, " "),
		hex.EncodeToString(read.Payload))
}

func dotted(code codes.Code) string { return fmt.Sprintf("%d.%02d", code>>5, code&31) }

// send NAME TYPE CODE MESSAGE-ID TOKEN OPTIONS PAYLOAD: one message, written by go-coap's codec.
func send(name, kind, code, id, token, listed, payload string) {
	wanted := message.Message{
		Type:      map[string]message.Type{"CON": message.Confirmable, "NON": message.NonConfirmable, "ACK": message.Acknowledgement, "RST": message.Reset}[kind],
		MessageID: int32(must(strconv.ParseUint(id, 10, 16))),
		Token:     must(hex.DecodeString(token)),
		Payload:   must(hex.DecodeString(payload)),
	}
	class, detail, _ := strings.Cut(code, ".")
	wanted.Code = codes.Code(must(strconv.Atoi(class))<<5 | must(strconv.Atoi(detail)))
	for _, one := range strings.Fields(listed) {
		number, value, _ := strings.Cut(one, "=")
		option := message.Option{ID: message.OptionID(must(strconv.Atoi(number))), Value: must(hex.DecodeString(value))}
		wanted.Options = append(wanted.Options, option)
	}
	buffer := make([]byte, 1<<16)
	count := must(coder.DefaultCoder.Encode(wanted, buffer))
	must(sessions[name].Write(buffer[:count]))
}

// A device: go-coap's whole client, which keeps what is written and answers what is read.
type device struct {
	name       string
	connection *client.Conn
	location   string
	mutex      sync.Mutex
	values     map[string][]byte
}

func (d *device) serve(w mux.ResponseWriter, r *mux.Message) {
	path, _ := r.Options().Path()
	d.mutex.Lock()
	defer d.mutex.Unlock()
	body := []byte{}
	if r.Body() != nil {
		body = must(io.ReadAll(r.Body()))
	}
	format, err := r.Options().ContentFormat()
	kept, known := d.values[path]
	described := strconv.Itoa(int(format))
	if err != nil {
		described = ""
	}
	tell("asked", d.name, r.Code(), path, described, hex.EncodeToString(body))
	switch {
	case r.Code() == codes.GET && known:
		_ = w.SetResponse(codes.Content, message.TextPlain, bytes.NewReader(kept))
		if observe, err := r.Options().Observe(); err == nil && observe == 0 {
			w.Message().SetObserve(2)
			tell("observed", d.name, path, hex.EncodeToString(r.Token()))
		}
	case r.Code() == codes.PUT:
		d.values[path] = body
		_ = w.SetResponse(codes.Changed, message.TextPlain, nil)
	case r.Code() == codes.POST:
		_ = w.SetResponse(codes.Changed, message.TextPlain, nil)
	default:
		_ = w.SetResponse(codes.NotFound, message.TextPlain, nil)
	}
}

// device NAME ADDRESS [IDENTITY KEY]: go-coap's client, 64-byte blocks.
func newDevice(name, address string, secret []string) {
	made := &device{name: name, values: map[string][]byte{}}
	router := mux.NewRouter()
	router.DefaultHandle(mux.HandlerFunc(made.serve))
	chosen := []udp.Option{options.WithMux(router), options.WithBlockwise(true, blockwise.SZX64, patience)}
	if len(secret) == 0 {
		made.connection = must(udp.Dial(address, chosen...))
	} else {
		psk, identity, suite := secrets(secret[0], secret[1], "")
		config := coapdtls.NewDTLSClientOptions(psk, identity, suite)
		made.connection = must(coapdtls.Dial(address, config, chosen...))
	}
	devices[name] = made
	tell("connected", name, made.connection.LocalAddr())
}

// request NAME METHOD PATH QUERY FORMAT PAYLOAD: what the device asks; "answered NAME CODE LOCATION PAYLOAD".
func (d *device) request(method, path, query, format, payload string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	asked := d.connection.AcquireMessage(ctx)
	asked.SetCode(map[string]codes.Code{"GET": codes.GET, "POST": codes.POST, "PUT": codes.PUT, "DELETE": codes.DELETE}[method])
	asked.SetToken(must(message.GetToken()))
	must(0, asked.SetPath(path))
	for _, one := range strings.Split(query, "&") {
		if one != "" {
			asked.AddQuery(one)
		}
	}
	if format != "" {
		asked.SetContentFormat(message.MediaType(must(strconv.Atoi(format))))
	}
	if payload != "" {
		asked.SetBody(bytes.NewReader(must(hex.DecodeString(payload))))
	}
	answer, err := d.connection.Do(asked)
	if err != nil {
		tell("unanswered", d.name, path, err)
		return
	}
	body := must(answer.ReadBody())
	location, _ := answer.Options().LocationPath() // none in most answers
	tell("answered", d.name, path, dotted(answer.Code()), location, hex.EncodeToString(body))
}

// notify NAME TOKEN NUMBER PAYLOAD: a notification, as a Confirmable of go-coap.
func (d *device) notify(token, number, payload string) {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	told := d.connection.AcquireMessage(ctx)
	told.SetCode(codes.Content)
	told.SetToken(must(hex.DecodeString(token)))
	told.SetObserve(uint32(must(strconv.Atoi(number))))
	told.SetContentFormat(message.TextPlain)
	told.SetBody(bytes.NewReader(must(hex.DecodeString(payload))))
	if err := d.connection.WriteMessage(told); err != nil {
		tell("unacknowledged", d.name, err)
		return
	}
	tell("acknowledged", d.name, number)
}

// serve ADDRESS KEY [SUITE]: a LwM2M server of few words on go-coap's DTLS server, for whoever has this key.
func serve(address, key, suite string) {
	psk, hint, suites := secrets("", key, suite)
	config := coapnet.NewDTLSServerOptions(psk, hint, suites)
	listener := must(coapnet.NewDTLSListener("udp", address, config))
	tell("listening", listener.Addr())
	made := coapdtls.NewServer(handlers()...)
	go func() { tell("stopped", made.Serve(listener)) }()
}

func handlers() []server.Option {
	router := mux.NewRouter()
	router.DefaultHandle(mux.HandlerFunc(registered))
	return []server.Option{options.WithMux(router), options.WithBlockwise(true, blockwise.SZX64, patience)}
}

// What comes to the server: registrations get a place, everything else 2.04; the connection is kept by its endpoint.
func registered(w mux.ResponseWriter, r *mux.Message) {
	path, _ := r.Options().Path()
	queries, _ := r.Options().Queries()
	body := []byte{}
	if r.Body() != nil {
		body = must(io.ReadAll(r.Body()))
	}
	tell("came", r.Code(), path, strings.Join(queries, "&"), hex.EncodeToString(body))
	if path == "/rd" && r.Code() == codes.POST {
		_ = w.SetResponse(codes.Created, message.TextPlain, nil)
		w.Message().AddOptionBytes(message.LocationPath, []byte("rd"))
		w.Message().AddOptionBytes(message.LocationPath, []byte("7"))
		for _, query := range queries {
			if name, found := strings.CutPrefix(query, "ep="); found {
				clients.Store(name, w.Conn())
			}
		}
		return
	}
	_ = w.SetResponse(codes.Changed, message.TextPlain, nil)
}

var clients sync.Map

// ask ENDPOINT METHOD PATH FORMAT PAYLOAD: the server asks a registered client; observe when METHOD is OBSERVE.
func ask(endpoint, method, path, format, payload string) {
	found, _ := clients.Load(endpoint)
	connection := found.(mux.Conn)
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	if method == "OBSERVE" {
		_, err := connection.Observe(context.Background(), path, func(told *pool.Message) {
			number, _ := told.Options().Observe()
			tell("notified", endpoint, path, number, hex.EncodeToString(must(told.ReadBody())))
		})
		if err != nil {
			tell("unanswered", endpoint, path, err)
		}
		return
	}
	asked := connection.AcquireMessage(ctx)
	asked.SetCode(map[string]codes.Code{"GET": codes.GET, "POST": codes.POST, "PUT": codes.PUT, "DELETE": codes.DELETE}[method])
	asked.SetToken(must(message.GetToken()))
	must(0, asked.SetPath(path))
	if format != "" {
		asked.SetContentFormat(message.MediaType(must(strconv.Atoi(format))))
	}
	if payload != "" {
		asked.SetBody(bytes.NewReader(must(hex.DecodeString(payload))))
	}
	answer, err := connection.Do(asked)
	if err != nil {
		tell("unanswered", endpoint, path, err)
		return
	}
	tell("answered", endpoint, path, dotted(answer.Code()), "", hex.EncodeToString(must(answer.ReadBody())))
}

func obey(words []string) {
	word := func(i int) string {
		if i < len(words) {
			return words[i]
		}
		return ""
	}
	switch words[0] {
	case "dial":
		dial(words[1], words[2], words[3:])
	case "send":
		send(words[1], words[2], words[3], words[4], word(5), word(6), word(7))
	case "close":
		tell("left", words[1], sessions[words[1]].Close())
	case "device":
		newDevice(words[1], words[2], words[3:])
	case "set":
		devices[words[1]].mutex.Lock()
		devices[words[1]].values[words[2]] = must(hex.DecodeString(words[3]))
		devices[words[1]].mutex.Unlock()
	case "request":
		go devices[words[1]].request(words[2], words[3], word(4), word(5), word(6))
	case "notify":
		go devices[words[1]].notify(words[2], words[3], word(4))
	case "serve":
		serve(words[1], words[2], word(3))
	case "ask":
		go ask(words[1], words[2], words[3], word(4), word(5))
	default:
		tell("error", "unknown", words[0])
	}
}

func main() {
	tell("ready")
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for lines.Scan() {
		obey(strings.Split(lines.Text(), "\t"))
	}
}
