package bank

// recent remembers values by id for as long as they are used: what nobody asked for during a whole day of event time, and two at most,
// is forgotten.
type recent[T any] struct {
	today, yesterday map[string]*T
	turnMS           int64 // when today becomes yesterday
}

func newRecent[T any]() recent[T] {
	return recent[T]{today: map[string]*T{}, yesterday: map[string]*T{}}
}

// at tells the time.
func (r *recent[T]) at(ms int64) {
	if ms < r.turnMS {
		return
	}
	if r.turnMS != 0 {
		r.yesterday, r.today = r.today, map[string]*T{}
	}
	r.turnMS = ms + dayMS
}

// get gives the value of an id, an empty one that is remembered from now on when there is none.
func (r *recent[T]) get(id string) *T {
	if v := r.today[id]; v != nil {
		return v
	}
	v := r.yesterday[id]
	if v == nil {
		v = new(T)
	}
	r.today[id] = v
	return v
}

// put gives an id the value of another one.
func (r *recent[T]) put(id string, v *T) { r.today[id] = v }
