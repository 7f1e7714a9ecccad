;; What is worked out of each line when a section is built.
;;
;; `grams` sets the bits that grams have in a filter's table (text-filter.ts): of those that end at from .. to-1. What lies up to
;; five bytes before, and 16 behind, must be readable.
;;
;; `shapes` writes the shapes of lines (shape.ts), and sets the bits of the grams in which lines of one shape may differ: those that
;; touch a word with a digit. Line i is text+offsets[i] .. text+offsets[i+1]; its shape begins at a multiple of four,
;; behind that of the line before, and ends at ends[i]; zeros follow up to the next multiple of four. `kinds` is a table of what
;; bytes are to words: 1 digit, 2 hexadecimal letter, 4 other letter, 0 none. 16 bytes behind the last line must be readable,
;; and 16 bytes behind as many as the text has, plus four for each line, writable.
(module
  (memory (export "memory") 1)
  (func $bigEndian (param $at i32) (result i32)
    (i32.or
      (i32.and (i32.rotl (i32.load (local.get $at)) (i32.const 8)) (i32.const 0x00ff00ff))
      (i32.and (i32.rotr (i32.load (local.get $at)) (i32.const 8)) (i32.const 0xff00ff00))))
  (func $grams (export "grams") (param $from i32) (param $to i32) (param $table i32)
    (local $ids i32) (local $blockEnd i32) (local $isId i32) (local $hash i32) (local $word i32)
    (local $last4 i32) (local $before1 i32) (local $before2 i32)
    (local.set $last4 (call $bigEndian (i32.sub (local.get $from) (i32.const 4))))
    (local.set $before1 (call $bigEndian (i32.sub (local.get $from) (i32.const 5))))
    (block $done
      (loop $blocks
        (br_if $done (i32.ge_s (local.get $from) (local.get $to)))
        ;; Bit k: whether there is a digit among the last 4 bytes of the gram that ends at from+k; known of 13 of them.
        (local.set $ids (i8x16.bitmask (i8x16.lt_u
          (i8x16.sub (v128.load (i32.sub (local.get $from) (i32.const 3))) (i8x16.splat (i32.const 0x30)))
          (i8x16.splat (i32.const 10)))))
        (local.set $ids (i32.or (local.get $ids) (i32.shr_u (local.get $ids) (i32.const 1))))
        (local.set $ids (i32.or (local.get $ids) (i32.shr_u (local.get $ids) (i32.const 2))))
        (local.set $blockEnd (i32.add (local.get $from) (i32.const 13)))
        (if (i32.gt_s (local.get $blockEnd) (local.get $to)) (then (local.set $blockEnd (local.get $to))))
        (loop $block
          (local.set $isId (i32.and (local.get $ids) (i32.const 1)))
          (local.set $ids (i32.shr_u (local.get $ids) (i32.const 1)))
          (local.set $before2 (local.get $before1))
          (local.set $before1 (local.get $last4))
          (local.set $last4 (i32.or (i32.shl (local.get $last4) (i32.const 8)) (i32.load8_u (local.get $from))))
          (local.set $hash (i32.xor
            (i32.mul (local.get $last4) (i32.const 0x85ebca6b))
            (i32.and
              (i32.mul (local.get $before2) (i32.const 0xc2b2ae35))
              (i32.sub (i32.const 0) (local.get $isId)))))
          (local.set $hash (i32.xor (local.get $hash) (i32.shr_u (local.get $hash) (i32.const 15))))
          (local.set $word (i32.add (local.get $table)
            (i32.and (i32.shr_u (local.get $hash) (i32.const 17)) (i32.const 0x7ffc))))
          (i32.store (local.get $word) (i32.or (i32.load (local.get $word))
            (select
              (i32.shl (i32.and (i32.shr_u (local.get $hash) (i32.const 15)) (i32.const 1)) (local.get $hash))
              (i32.or (i32.shl (i32.const 1) (local.get $hash)) (i32.or
                (i32.shl (i32.const 1) (i32.shr_u (local.get $hash) (i32.const 5)))
                (i32.shl (i32.const 1) (i32.shr_u (local.get $hash) (i32.const 10)))))
              (local.get $isId))))
          (local.set $from (i32.add (local.get $from) (i32.const 1)))
          (br_if $block (i32.lt_s (local.get $from) (local.get $blockEnd))))
        (br $blocks))))
  (func (export "shapes")
    (param $text i32) (param $offsets i32) (param $count i32) (param $ends i32) (param $out i32) (param $kinds i32)
    (param $table i32)
    (local $i i32) (local $end i32) (local $start i32) (local $at i32) (local $word i32)
    (local $seen i32) (local $kind i32) (local $last i32) (local $byte i32) (local $n i32) (local $lastLine i32)
    (local $first i32) (local $gram i32)
    (local $bytes v128)
    (local.set $lastLine (i32.add (local.get $offsets) (i32.shl (local.get $count) (i32.const 2))))
    (local.set $at (local.get $out))
    (block $done
      (loop $lines
        (br_if $done (i32.ge_u (local.get $offsets) (local.get $lastLine)))
        (local.set $i (i32.add (local.get $text) (i32.load (local.get $offsets))))
        (local.set $end (i32.add (local.get $text) (i32.load offset=4 (local.get $offsets))))
        (local.set $start (local.get $at))
        ;; Where its first gram ends.
        (local.set $first (i32.add (local.get $i) (i32.const 3)))
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
            (local.set $gram (i32.sub (local.get $i) (i32.sub (local.get $at) (local.get $word))))
            (if (i32.lt_u (local.get $gram) (local.get $first)) (then (local.set $gram (local.get $first))))
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
            (call $grams (local.get $gram)
              (select
                (local.get $end) (i32.add (local.get $i) (i32.const 3))
                (i32.lt_u (i32.sub (local.get $end) (local.get $i)) (i32.const 3)))
              (local.get $table))
            (br $rest)))
        (i32.store (local.get $ends) (local.get $at))
        (i32.store (local.get $at) (i32.const 0))
        (local.set $at (i32.and (i32.add (local.get $at) (i32.const 3)) (i32.const -4)))
        (local.set $ends (i32.add (local.get $ends) (i32.const 4)))
        (local.set $offsets (i32.add (local.get $offsets) (i32.const 4)))
        (br $lines)))))
