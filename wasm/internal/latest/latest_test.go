package latest

import (
	"testing"
	"time"
)

func receive(t *testing.T, from <-chan int) int {
	t.Helper()
	select {
	case n := <-from:
		return n
	case <-time.After(10 * time.Second):
		t.Fatal("nothing was delivered")
		return 0
	}
}

func TestAListenerHearsTheCurrentValueThenNewerOnes(t *testing.T) {
	v := New[int]()
	defer v.Close()
	v.Set(1)
	heard := make(chan int, 1)
	v.Listen(func(n int) { heard <- n })
	if got := receive(t, heard); got != 1 {
		t.Errorf("first heard %d", got)
	}
	v.Set(2)
	if got := receive(t, heard); got != 2 {
		t.Errorf("then heard %d", got)
	}
}

func TestASlowListenerSkipsToTheNewestAndBlocksNobody(t *testing.T) {
	v := New[int]()
	defer v.Close()
	entered, release, heard := make(chan int), make(chan struct{}), make(chan int, 2)
	v.Listen(func(n int) {
		if n == 1 {
			entered <- n
			<-release
		}
		heard <- n
	})
	v.Set(1)
	<-entered
	for n := 2; n <= 1000; n++ {
		v.Set(n)
	}
	close(release)
	if first, second := receive(t, heard), receive(t, heard); first != 1 || second != 1000 {
		t.Errorf("heard %d, then %d", first, second)
	}
}

func TestASecondListenerReplacesTheFirst(t *testing.T) {
	v := New[int]()
	defer v.Close()
	first, second := make(chan int, 2), make(chan int, 2)
	v.Set(7)
	v.Listen(func(n int) { first <- n })
	receive(t, first)
	v.Listen(func(n int) { second <- n })
	receive(t, second)
	v.Set(8)
	receive(t, second)
	if len(first) != 0 {
		t.Error("the first listener still hears")
	}
}
