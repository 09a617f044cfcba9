<?php
/**
 * A call that brought no answer to use.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce;

defined( 'ABSPATH' ) || exit;

/**
 * Away: the gateway could not be reached or was unwell. Refused: it understood and said no.
 */
final class Failure extends \RuntimeException {

	/**
	 * The error's code as the gateway names it, or one of ours: UNREACHABLE, UNREADABLE, NO_TIME.
	 *
	 * @var string
	 */
	public $reason;

	/**
	 * HTTP status; 0 where there was none.
	 *
	 * @var int
	 */
	public $status;

	/**
	 * The body, as far as it could be read.
	 *
	 * @var array
	 */
	public $body;

	/**
	 * How long the gateway asked to be left alone, in seconds.
	 *
	 * @var int
	 */
	public $wait_s = 0;

	/**
	 * Makes one.
	 *
	 * @param string $reason  Stable code.
	 * @param string $message For the log; never shown to shoppers as it is.
	 * @param int    $status  HTTP status.
	 * @param array  $body    What was read.
	 */
	public function __construct( string $reason, string $message, int $status = 0, array $body = array() ) {
		parent::__construct( $message );
		$this->reason = $reason;
		$this->status = $status;
		$this->body   = $body;
	}

	/**
	 * Whether the gateway itself said no, with a reason that a second try will not change.
	 */
	public function refused(): bool {
		return $this->status >= 400 && $this->status < 500 && 408 !== $this->status && 429 !== $this->status;
	}
}
