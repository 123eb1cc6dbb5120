// Package geo looks addresses up in MaxMind-format databases.
package geo

import "github.com/sessionguard/sessionguard/detector"

// Files names the databases; each may be "".
type Files struct{ City, ASN, Anonymous, ConnectionType string }

// Databases is a set of open databases: one build of geography. It is immutable and safe for concurrent use; a database
// that changed on disk becomes a new Databases.
type Databases struct{}

// Open opens and checks the databases. An error names the file and what is wrong with it.
func Open(f Files) (*Databases, error) { panic("not built") }

// Build names the databases by their build dates; "" when there are none.
func (d *Databases) Build() string { panic("not built") }

// Lookup gives what is known of an address. It does not allocate for an address whose network is in c.
func (d *Databases) Lookup(c *Cache, e *detector.Event) { panic("not built") }

// Cache is one owner's bounded cache, keyed by network. It is not safe for concurrent use.
type Cache struct{}
