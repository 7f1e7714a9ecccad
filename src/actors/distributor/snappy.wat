;; Undoes the Snappy block format (snappy.ts): the elements in[..inEnd) make out[..outEnd). 1 where they do so exactly, else 0.
;; Bytes are copied 16 at a time: so many behind inEnd must be readable, and behind outEnd writable.
(module
  (memory (export "memory") 1)
  (func (export "uncompress") (param $in i32) (param $inEnd i32) (param $out i32) (param $outEnd i32) (result i32)
    (local $start i32) (local $tag i32) (local $length i32) (local $from i32) (local $end i32) (local $extra i32)
    (local.set $start (local.get $out))
    (block $corrupt
      (loop $elements
        (if (i32.ge_u (local.get $in) (local.get $inEnd))
          (then (return (i32.and
            (i32.eq (local.get $in) (local.get $inEnd))
            (i32.eq (local.get $out) (local.get $outEnd))))))
        (local.set $tag (i32.load8_u (local.get $in)))
        (local.set $in (i32.add (local.get $in) (i32.const 1)))
        (local.set $length (i32.shr_u (local.get $tag) (i32.const 2)))
        (if (i32.eqz (i32.and (local.get $tag) (i32.const 3)))
          (then
            ;; A literal: its length less one, or, from 60 on, how many bytes that takes.
            (if (i32.ge_u (local.get $length) (i32.const 60))
              (then
                (local.set $extra (i32.sub (local.get $length) (i32.const 59)))
                (local.set $length (i32.and
                  (i32.load (local.get $in))
                  (i32.shr_u (i32.const -1) (i32.sub (i32.const 32) (i32.shl (local.get $extra) (i32.const 3))))))
                (local.set $in (i32.add (local.get $in) (local.get $extra)))))
            ;; A length of 2^32 is 0 here, and then $length is not less than what is left.
            (br_if $corrupt (i32.gt_u (local.get $in) (local.get $inEnd)))
            (br_if $corrupt (i32.ge_u (local.get $length) (i32.sub (local.get $inEnd) (local.get $in))))
            (local.set $length (i32.add (local.get $length) (i32.const 1)))
            (br_if $corrupt (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))))
            (local.set $from (local.get $in))
            (local.set $in (i32.add (local.get $in) (local.get $length))))
          (else
            ;; A copy: its length, and how far back it begins.
            (if (i32.eq (i32.and (local.get $tag) (i32.const 3)) (i32.const 1))
              (then
                (local.set $length (i32.add (i32.and (local.get $length) (i32.const 7)) (i32.const 4)))
                (local.set $from (i32.or
                  (i32.shl (i32.shr_u (local.get $tag) (i32.const 5)) (i32.const 8))
                  (i32.load8_u (local.get $in))))
                (local.set $in (i32.add (local.get $in) (i32.const 1))))
              (else
                (local.set $length (i32.add (local.get $length) (i32.const 1)))
                (if (i32.eq (i32.and (local.get $tag) (i32.const 3)) (i32.const 2))
                  (then
                    (local.set $from (i32.load16_u (local.get $in)))
                    (local.set $in (i32.add (local.get $in) (i32.const 2))))
                  (else
                    (local.set $from (i32.load (local.get $in)))
                    (local.set $in (i32.add (local.get $in) (i32.const 4)))))))
            (br_if $corrupt (i32.gt_u (local.get $in) (local.get $inEnd)))
            (br_if $corrupt (i32.gt_u (local.get $length) (i32.sub (local.get $outEnd) (local.get $out))))
            (br_if $corrupt (i32.eqz (local.get $from)))
            (br_if $corrupt (i32.gt_u (local.get $from) (i32.sub (local.get $out) (local.get $start))))
            (local.set $from (i32.sub (local.get $out) (local.get $from)))))
        (local.set $end (i32.add (local.get $out) (local.get $length)))
        (if (i32.lt_u (i32.sub (local.get $out) (local.get $from)) (i32.const 16))
          (then
            ;; What is copied is being written.
            (loop $bytes
              (i32.store8 (local.get $out) (i32.load8_u (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 1)))
              (local.set $out (i32.add (local.get $out) (i32.const 1)))
              (br_if $bytes (i32.lt_u (local.get $out) (local.get $end)))))
          (else
            (loop $blocks
              (v128.store (local.get $out) (v128.load (local.get $from)))
              (local.set $from (i32.add (local.get $from) (i32.const 16)))
              (local.set $out (i32.add (local.get $out) (i32.const 16)))
              (br_if $blocks (i32.lt_u (local.get $out) (local.get $end))))
            (local.set $out (local.get $end))))
        (br $elements)))
    (i32.const 0)))
