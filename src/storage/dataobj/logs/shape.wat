;; Writes the shapes of lines (shape.ts). Line i is text+offsets[i] .. text+offsets[i+1]; its shape begins at a multiple of four,
;; behind that of the line before, and ends at ends[i]; zeros follow up to the next multiple of four. `kinds` is a table of what
;; bytes are to words: 1 digit, 2 hexadecimal letter, 4 other letter, 0 none. 16 bytes behind the last line must be readable,
;; and 16 bytes behind as many as the text has, plus four for each line, writable.
(module
  (memory (export "memory") 1)
  (func (export "shapes")
    (param $text i32) (param $offsets i32) (param $count i32) (param $ends i32) (param $out i32) (param $kinds i32)
    (local $i i32) (local $end i32) (local $start i32) (local $at i32) (local $word i32)
    (local $seen i32) (local $kind i32) (local $last i32) (local $byte i32) (local $n i32) (local $lastLine i32)
    (local $bytes v128)
    (local.set $lastLine (i32.add (local.get $offsets) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $at (local.get $out))
    (block $done
      (loop $lines
        (br_if $done (i32.ge_u (local.get $offsets) (local.get $lastLine)))
        (local.set $i (i32.add (local.get $text) (i32.load (local.get $offsets))))
        (local.set $end (i32.add (local.get $text) (i32.load offset=4 (local.get $offsets))))
        (local.set $start (local.get $at))
        (block $line
          (loop $rest
            (br_if $line (i32.ge_u (local.get $i) (local.get $end)))
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
            (br_if $line (i32.eq (local.get $i) (local.get $end)))
            ;; The word around the digit: its start, which is written already,
            (local.set $word (local.get $at))
            (local.set $seen (i32.const 0))
            (block $begun
              (loop $back
                (br_if $begun (i32.eq (local.get $word) (local.get $start)))
                (local.set $kind (i32.load8_u (i32.add (local.get $kinds)
                  (i32.load8_u (i32.sub (local.get $word) (i32.const 1))))))
                (br_if $begun (i32.eqz (local.get $kind)))
                (local.set $seen (i32.or (local.get $seen) (local.get $kind)))
                (local.set $word (i32.sub (local.get $word) (i32.const 1)))
                (br $back)))
            ;; and the rest of it, a mark for each run of digits.
            (local.set $last (i32.const 0))
            (block $ended
              (loop $forth
                (br_if $ended (i32.eq (local.get $i) (local.get $end)))
                (local.set $byte (i32.load8_u (local.get $i)))
                (local.set $kind (i32.load8_u (i32.add (local.get $kinds) (local.get $byte))))
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
            (br $rest)))
        (i32.store (local.get $ends) (local.get $at))
        (i32.store (local.get $at) (i32.const 0))
        (local.set $at (i32.and (i32.add (local.get $at) (i32.const 3)) (i32.const -4)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
        (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
        (br $lines)))))
