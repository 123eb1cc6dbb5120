package main

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// httpServer answers health, metrics and recent decisions.
type httpServer struct {
	listener net.Listener
	server   *http.Server
}

// interior is what the HTTP interface shows of the service.
type interior struct {
	recent    *recent
	blocklist *blocklist
	registry  *prometheus.Registry
	ready     func() readiness
}

// readiness is the answer of /readyz.
type readiness struct {
	Ready       bool             `json:"ready"` // all assigned partitions are restored and caught up
	ObserveOnly bool             `json:"observe_only"`
	Roles       []string         `json:"roles"`
	Partitions  []partitionReady `json:"partitions"`
	Degraded    []string         `json:"degraded"` // what works less than it could, and why; never a reason to be unready
}

// partitionReady is one partition that this process owns.
type partitionReady struct {
	Topic     string `json:"topic"`
	Partition int    `json:"partition"`
	State     string `json:"state"`
	Lag       int64  `json:"lag"`      // records to read
	Revision  string `json:"revision"` // of the rules that judge it
	Why       string `json:"why,omitempty"`
}

// listenHTTP takes the address; serve answers on it.
func listenHTTP(address string, in interior) (*httpServer, error) {
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, listenError(err, address, "listen")
	}
	return &httpServer{listener: listener, server: &http.Server{Handler: in.routes(), ReadHeaderTimeout: 5 * time.Second}}, nil
}

// addr gives the address as it came out, also when port 0 was asked for.
func (s *httpServer) addr() string { return s.listener.Addr().String() }

// serve answers until ctx ends.
func (s *httpServer) serve(ctx context.Context, log *slog.Logger) {
	stop := context.AfterFunc(ctx, func() {
		last, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_ = s.server.Shutdown(last) // a request that still runs is cut off with the process
	})
	defer stop()
	if err := s.server.Serve(s.listener); !errors.Is(err, http.ErrServerClosed) {
		log.Error("HTTP stopped", "error", err.Error())
	}
}

func (in interior) routes() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", in.index)
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "ok\n") })
	mux.HandleFunc("GET /readyz", in.readyz)
	mux.HandleFunc("GET /api/decisions", in.decisions)
	mux.HandleFunc("GET "+feedPath, in.feed)
	mux.HandleFunc("GET "+feedPath+".json", in.feedJSON)
	mux.Handle("GET /metrics", promhttp.HandlerFor(in.registry, promhttp.HandlerOpts{}))
	return mux
}

func (in interior) readyz(w http.ResponseWriter, _ *http.Request) {
	state := in.ready()
	w.Header().Set("Content-Type", "application/json")
	if !state.Ready {
		w.WriteHeader(http.StatusServiceUnavailable)
	}
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	_ = out.Encode(state) // the client went away
}

func (in interior) decisions(w http.ResponseWriter, r *http.Request) {
	limit := 100
	if text := r.FormValue("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > recentDecisions {
			http.Error(w, "limit is a number from 1 to 1000", http.StatusBadRequest)
			return
		}
		limit = n
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	body := []byte("[")
	for i, decision := range in.recent.last(limit) {
		if i > 0 {
			body = append(body, ',', '\n')
		}
		body = append(body, decision...)
	}
	_, _ = w.Write(append(body, "]\n"...)) // the client went away
}
