;; What is worked out of each line when a section is built.
;;
;; `grams` sets the bits that grams have in a filter's table (text-filter.ts): of those that end at from .. to-1. What lies up to
;; five bytes before, and 16 behind, must be readable.
;;
;; `shapes` numbers the shapes of lines (shape.ts) in the order they come, each with an equal one's number, and sets the bits of
;; grams: of all of them where a line is the first of its shape in the page, else of those in which lines of one shape may
;; differ, which touch a word with a digit. Line i is text+offsets[i] .. text+offsets[i+1], its number goes to ids[i].
;; `begin` forgets all shapes. Shape n is starts[n] .. starts[n]+lengths[n]; zeros follow up to the next multiple of 16. A line's
;; is made behind the last one kept, where as many bytes as the line has, and 32, must be writable.
;;
;; Memory, in bytes. 81,920 shapes have room, twice as many slots and some; pages are those that shapes were met in last, slots
;; an open addressing by hash with linear probing: number + 1, or 0.
;;   0         kinds of bytes to words: 1 digit, 2 hexadecimal letter, 4 other letter, 0 none
;;   0x100     grams, the filter's table
;;   0x8100    hashes of four grams, and which of them have digits
;;   0x10000   starts, 0x60000 lengths, 0xb0000 hashes, 0x100000 pages, 0x150000 slots
;;   0x250000  offsets, 0x261000 ids of up to 16,384 lines
;;   0x271010  their text, up to 1 MiB
;;   0x372000  shapes
(module
  (memory (export "memory") 64)
  (global $count (export "count") (mut i32) (i32.const 0))
  (global $end (export "end") (mut i32) (i32.const 0x372000))
  (global $mask (mut i32) (i32.const 1023))
  (func $grams (export "grams") (param $from i32) (param $to i32)
    (local $at i32) (local $hash i32) (local $word i32)
    (local $bytes v128) (local $last4 v128) (local $valid v128) (local $isId v128) (local $hashes v128)
    (block $done
      (loop $four
        (br_if $done (i32.ge_s (local.get $from) (local.get $to)))
        ;; Lane k: the gram that ends at from+k, its last 4 bytes and whether there is a digit among them. What is not below
        ;; `to` has no bits, as an id with an even hash.
        (local.set $bytes (v128.load (i32.sub (local.get $from) (i32.const 5))))
        (local.set $last4
          (i8x16.shuffle 5 4 3 2 6 5 4 3 7 6 5 4 8 7 6 5 (local.get $bytes) (local.get $bytes)))
        (local.set $valid (i32x4.lt_s
          (v128.const i32x4 0 1 2 3) (i32x4.splat (i32.sub (local.get $to) (local.get $from)))))
        (local.set $isId (v128.or (v128.not (local.get $valid)) (i32x4.ne
          (i8x16.lt_u (i8x16.sub (local.get $last4) (i8x16.splat (i32.const 0x30))) (i8x16.splat (i32.const 10)))
          (v128.const i32x4 0 0 0 0))))
        (local.set $hashes (v128.xor
          (i32x4.mul (local.get $last4) (v128.const i32x4 0x85ebca6b 0x85ebca6b 0x85ebca6b 0x85ebca6b))
          (v128.and (local.get $isId) (i32x4.mul
            (i8x16.shuffle 3 2 1 0 4 3 2 1 5 4 3 2 6 5 4 3 (local.get $bytes) (local.get $bytes))
            (v128.const i32x4 0xc2b2ae35 0xc2b2ae35 0xc2b2ae35 0xc2b2ae35)))))
        (v128.store offset=0x8100 (i32.const 0) (v128.and (local.get $valid)
          (v128.xor (local.get $hashes) (i32x4.shr_u (local.get $hashes) (i32.const 15)))))
        (local.set $at (i32.const 0))
        (if (i32x4.all_true (local.get $isId))
          (then
            (loop $ids
              (local.set $hash (i32.load offset=0x8100 (local.get $at)))
              (local.set $word (i32.and (i32.shr_u (local.get $hash) (i32.const 17)) (i32.const 0x7ffc)))
              (i32.store offset=0x100 (local.get $word) (i32.or (i32.load offset=0x100 (local.get $word))
                (i32.shl (i32.and (i32.shr_u (local.get $hash) (i32.const 15)) (i32.const 1)) (local.get $hash))))
              (local.set $at (i32.add (local.get $at) (i32.const 4)))
              (br_if $ids (i32.lt_u (local.get $at) (i32.const 16)))))
          (else
            (v128.store offset=0x8110 (i32.const 0) (local.get $isId))
            (loop $any
              (local.set $hash (i32.load offset=0x8100 (local.get $at)))
              (local.set $word (i32.and (i32.shr_u (local.get $hash) (i32.const 17)) (i32.const 0x7ffc)))
              (i32.store offset=0x100 (local.get $word) (i32.or (i32.load offset=0x100 (local.get $word))
                (select
                  (i32.shl (i32.and (i32.shr_u (local.get $hash) (i32.const 15)) (i32.const 1)) (local.get $hash))
                  (i32.or (i32.shl (i32.const 1) (local.get $hash)) (i32.or
                    (i32.shl (i32.const 1) (i32.shr_u (local.get $hash) (i32.const 5)))
                    (i32.shl (i32.const 1) (i32.shr_u (local.get $hash) (i32.const 10)))))
                  (i32.load offset=0x8110 (local.get $at)))))
              (local.set $at (i32.add (local.get $at) (i32.const 4)))
              (br_if $any (i32.lt_u (local.get $at) (i32.const 16))))))
        (local.set $from (i32.add (local.get $from) (i32.const 4)))
        (br $four))))
  (func (export "begin")
    (global.set $count (i32.const 0))
    (global.set $end (i32.const 0x372000))
    (call $rehash (i32.const 1023)))
  (func $rehash (param $mask i32)
    (local $id i32) (local $slot i32)
    (global.set $mask (local.get $mask))
    (memory.fill (i32.const 0x150000) (i32.const 0) (i32.shl (i32.add (local.get $mask) (i32.const 1)) (i32.const 2)))
    (block $done
      (loop $ids
        (br_if $done (i32.eq (local.get $id) (global.get $count)))
        (local.set $slot (i32.load offset=0xb0000 (i32.shl (local.get $id) (i32.const 2))))
        (loop $probe
          (local.set $slot (i32.and (local.get $slot) (local.get $mask)))
          (if (i32.load offset=0x150000 (i32.shl (local.get $slot) (i32.const 2)))
            (then
              (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
              (br $probe))))
        (local.set $id (i32.add (local.get $id) (i32.const 1)))
        (i32.store offset=0x150000 (i32.shl (local.get $slot) (i32.const 2)) (local.get $id))
        (br $ids))))
  ;; The number of the shape that ends at `at`; a new one is kept.
  (func $number (param $at i32) (result i32)
    (local $start i32) (local $length i32) (local $i i32) (local $hash i32) (local $slot i32) (local $id i32)
    (local $known i32) (local $lanes v128)
    (local.set $start (global.get $end))
    (local.set $length (i32.sub (local.get $at) (local.get $start)))
    (v128.store (local.get $at) (v128.const i32x4 0 0 0 0))
    (local.set $lanes (i32x4.splat (local.get $length)))
    (block $hashed
      (loop $blocks
        (br_if $hashed (i32.ge_u (local.get $i) (local.get $length)))
        (local.set $lanes (i32x4.mul
          (v128.xor (local.get $lanes) (v128.load (i32.add (local.get $start) (local.get $i))))
          (v128.const i32x4 0x9e3779b1 0x85ebca6b 0xc2b2ae35 0x27d4eb2f)))
        (local.set $lanes (v128.xor (local.get $lanes) (i32x4.shr_u (local.get $lanes) (i32.const 15))))
        (local.set $i (i32.add (local.get $i) (i32.const 16)))
        (br $blocks)))
    ;; The lanes one after the other, finished as Murmur3 does.
    (local.set $hash (i32.mul (i32.const 0xc2b2ae35) (i32.xor (i32x4.extract_lane 3 (local.get $lanes))
      (i32.mul (i32.const 0xcc9e2d51) (i32.xor (i32x4.extract_lane 2 (local.get $lanes))
        (i32.mul (i32.const 0x1b873593) (i32.xor (i32x4.extract_lane 1 (local.get $lanes))
          (i32.mul (i32.const 0x85ebca6b) (i32x4.extract_lane 0 (local.get $lanes))))))))))
    (local.set $hash (i32.mul (i32.const 0x85ebca6b)
      (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 16)))))
    (local.set $hash (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 13))))
    (local.set $slot (local.get $hash))
    (loop $probe
      (local.set $slot (i32.and (local.get $slot) (global.get $mask)))
      (local.set $id (i32.load offset=0x150000 (i32.shl (local.get $slot) (i32.const 2))))
      (if (local.get $id)
        (then
          (local.set $id (i32.sub (local.get $id) (i32.const 1)))
          (local.set $known (i32.shl (local.get $id) (i32.const 2)))
          (if (i32.and
              (i32.eq (local.get $hash) (i32.load offset=0xb0000 (local.get $known)))
              (i32.eq (local.get $length) (i32.load offset=0x60000 (local.get $known))))
            (then
              (local.set $known (i32.load offset=0x10000 (local.get $known)))
              (local.set $i (i32.const 0))
              (loop $same
                (if (i32.ge_u (local.get $i) (local.get $length)) (then (return (local.get $id))))
                (local.set $lanes (v128.xor
                  (v128.load (i32.add (local.get $start) (local.get $i)))
                  (v128.load (i32.add (local.get $known) (local.get $i)))))
                (local.set $i (i32.add (local.get $i) (i32.const 16)))
                (br_if $same (i32.eqz (v128.any_true (local.get $lanes)))))))
          (local.set $slot (i32.add (local.get $slot) (i32.const 1)))
          (br $probe))))
    (local.set $id (global.get $count))
    (local.set $known (i32.shl (local.get $id) (i32.const 2)))
    (i32.store offset=0x10000 (local.get $known) (local.get $start))
    (i32.store offset=0x60000 (local.get $known) (local.get $length))
    (i32.store offset=0xb0000 (local.get $known) (local.get $hash))
    (i32.store offset=0x100000 (local.get $known) (i32.const 0))
    (global.set $count (i32.add (local.get $id) (i32.const 1)))
    (i32.store offset=0x150000 (i32.shl (local.get $slot) (i32.const 2)) (global.get $count))
    (global.set $end (i32.and (i32.add (local.get $at) (i32.const 15)) (i32.const -16)))
    (if (i32.gt_u (i32.shl (global.get $count) (i32.const 1)) (global.get $mask))
      (then (call $rehash (i32.or (i32.shl (global.get $mask) (i32.const 1)) (i32.const 1)))))
    (local.get $id))
  (func (export "shapes") (param $text i32) (param $count i32) (param $page i32)
    (local $i i32) (local $end i32) (local $start i32) (local $at i32) (local $word i32)
    (local $seen i32) (local $kind i32) (local $last i32) (local $byte i32) (local $n i32) (local $line i32)
    (local $first i32) (local $gram i32) (local $id i32)
    (local $bytes v128)
    (block $done
      (loop $lines
        (br_if $done (i32.eqz (local.get $count)))
        (local.set $count (i32.sub (local.get $count) (i32.const 1)))
        (local.set $i (i32.add (local.get $text) (i32.load offset=0x250000 (local.get $line))))
        (local.set $end (i32.add (local.get $text) (i32.load offset=0x250004 (local.get $line))))
        (local.set $start (global.get $end))
        (local.set $at (local.get $start))
        ;; Where its first gram ends.
        (local.set $first (i32.add (local.get $i) (i32.const 3)))
        (block $whole
          (loop $rest
            (br_if $whole (i32.ge_u (local.get $i) (local.get $end)))
            ;; Up to the first digit everything stays; what is written behind it is written over.
            (local.set $bytes (v128.load (local.get $i)))
            (v128.store (local.get $at) (local.get $bytes))
            (local.set $n (i32.ctz (i32.or (i32.const 0x10000) (i8x16.bitmask (i8x16.lt_u
              (i8x16.sub (local.get $bytes) (i8x16.splat (i32.const 0x30))) (i8x16.splat (i32.const 10)))))))
            (if (i32.gt_u (local.get $n) (i32.sub (local.get $end) (local.get $i)))
              (then (local.set $n (i32.sub (local.get $end) (local.get $i)))))
            (local.set $i (i32.add (local.get $i) (local.get $n)))
            (local.set $at (i32.add (local.get $at) (local.get $n)))
            (br_if $rest (i32.eq (local.get $n) (i32.const 16)))
            (br_if $whole (i32.eq (local.get $i) (local.get $end)))
            ;; The word around the digit: its start, which is written already,
            (local.set $word (local.get $at))
            (local.set $seen (i32.const 0))
            (block $begun
              (loop $back
                (br_if $begun (i32.eq (local.get $word) (local.get $start)))
                (local.set $kind (i32.load8_u
                  (i32.load8_u (i32.sub (local.get $word) (i32.const 1)))))
                (br_if $begun (i32.eqz (local.get $kind)))
                (local.set $seen (i32.or (local.get $seen) (local.get $kind)))
                (local.set $word (i32.sub (local.get $word) (i32.const 1)))
                (br $back)))
            (local.set $gram (i32.sub (local.get $i) (i32.sub (local.get $at) (local.get $word))))
            (if (i32.lt_u (local.get $gram) (local.get $first)) (then (local.set $gram (local.get $first))))
            ;; and the rest of it, a mark for each run of digits.
            (local.set $last (i32.const 0))
            (block $ended
              (loop $forth
                (br_if $ended (i32.eq (local.get $i) (local.get $end)))
                (local.set $byte (i32.load8_u (local.get $i)))
                (local.set $kind (i32.load8_u (local.get $byte)))
                (br_if $ended (i32.eqz (local.get $kind)))
                (local.set $seen (i32.or (local.get $seen) (local.get $kind)))
                (i32.store8 (local.get $at)
                  (select (i32.const 0x30) (local.get $byte) (i32.eq (local.get $kind) (i32.const 1))))
                (local.set $at (i32.add (local.get $at)
                  (i32.ne (i32.and (local.get $kind) (local.get $last)) (i32.const 1))))
                (local.set $last (local.get $kind))
                (local.set $i (i32.add (local.get $i) (i32.const 1)))
                (br $forth)))
            (if (i32.eq (local.get $seen) (i32.const 3))
              (then
                (i32.store8 (local.get $word) (i32.const 0x31))
                (local.set $at (i32.add (local.get $word) (i32.const 1)))))
            (call $grams (local.get $gram)
              (select
                (local.get $end) (i32.add (local.get $i) (i32.const 3))
                (i32.lt_u (i32.sub (local.get $end) (local.get $i)) (i32.const 3))))
            (br $rest)))
        (local.set $id (call $number (local.get $at)))
        (i32.store offset=0x261000 (local.get $line) (local.get $id))
        (local.set $line (i32.add (local.get $line) (i32.const 4)))
        (local.set $id (i32.shl (local.get $id) (i32.const 2)))
        (br_if $lines (i32.eq (local.get $page) (i32.load offset=0x100000 (local.get $id))))
        (i32.store offset=0x100000 (local.get $id) (local.get $page))
        (call $grams (local.get $first) (local.get $end))
        (br $lines)))))
