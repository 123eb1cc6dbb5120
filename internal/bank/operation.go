package bank

import (
	"math"
	"strconv"
)

// operation is something that a customer can do with her money or her account.
type operation struct {
	name, sensitivity, kind string
	path                    string
	median                  int64 // amount in the customer's currency; 0: no amount
	weight                  float64
	changes                 string // the type of the event that tells of a changed credential or factor, "" for none
}

func (o *operation) sensitive() bool { return o.sensitivity == "high" || o.sensitivity == "critical" }

func (o *operation) write(w []byte, amount int64) []byte {
	w = text(w, `,"action":{"name":"`, o.name)
	w = text(w, `,"sensitivity":"`, o.sensitivity)
	w = text(w, `,"kind":"`, o.kind)
	if amount > 0 {
		w = append(w, `,"amount":`...)
		w = strconv.AppendInt(w, amount, 10)
		w = append(w, `,"currency":"EUR"`...)
	}
	return append(w, '}')
}

// operations are what customers do, by how often they do it, and by what share of them. Before a critical one the app
// itself asks for a step-up (strong customer authentication, PSD2 RTS Art. 97).
var operations = []operation{
	{name: "transfer.own", sensitivity: "normal", kind: "transfer", path: "/transfers/own", median: 200, weight: 30},
	{name: "transfer.domestic", sensitivity: "normal", kind: "transfer", path: "/transfers", median: 90, weight: 39},
	{name: "transfer.large", sensitivity: "high", kind: "transfer", path: "/transfers", median: 1400, weight: 8},
	{name: "payee.add", sensitivity: "high", kind: "payee", path: "/payees", weight: 7},
	{name: "card.limit", sensitivity: "high", kind: "limit", path: "/cards/limit", weight: 3},
	{name: "statement.export", sensitivity: "normal", kind: "export", path: "/statements/export", weight: 8},
	{name: "card.freeze", sensitivity: "low", kind: "other", path: "/cards/freeze", weight: 2},
	{name: "contact.update", sensitivity: "critical", kind: "contact", path: "/profile/contact", weight: 1.6},
	{name: "password.change", sensitivity: "critical", kind: "factor", path: "/profile/password", weight: 0.8, changes: "credential.changed"},
	{name: "factor.enroll", sensitivity: "critical", kind: "factor", path: "/profile/factors", weight: 0.6, changes: "factor.changed"},
}

func chooseOperation(c *customer) *operation {
	x := c.rng.Float64() * 100 // the weights' sum
	for i := range operations {
		if x -= operations[i].weight; x < 0 {
			return &operations[i]
		}
	}
	return &operations[0]
}

// amount is what the customer moves: log-normal around her own level, 0 where no money moves. The levels of customers
// are log-normal too, as incomes are.
func (o *operation) amount(c *customer) int64 {
	if o.median == 0 {
		return 0
	}
	return 1 + int64(float64(o.median)*c.spending*math.Exp(0.6*c.rng.NormFloat64()))
}

// The thief's own: a payee and all that the account holds. The bank of this world asks no step-up for them, so that
// only the session's protection stands between.
var (
	stealPayee    = operation{"payee.add", "high", "payee", "/payees", 0, 0, ""}
	stealTransfer = operation{"transfer.domestic", "high", "transfer", "/transfers", 4800, 0, ""}
)
