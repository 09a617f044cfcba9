<?php
/**
 * The offers for one package.
 *
 * @package Doorstep
 */

namespace Doorstep\WooCommerce\Rates;

defined( 'ABSPATH' ) || exit;

/**
 * Either an answer, or the want of one: only the second calls for the merchant's fallback.
 */
final class Offers {

	/**
	 * The gateway's id of the whole answer.
	 *
	 * @var string
	 */
	public $options_id = '';

	/**
	 * By code.
	 *
	 * @var array
	 */
	public $all = array();

	/**
	 * Whether the gateway was asked, or should have been, and did not answer.
	 *
	 * @var bool
	 */
	public $unanswered = false;

	/**
	 * Nothing was asked.
	 */
	public static function none(): self {
		return new self();
	}

	/**
	 * Nothing was answered.
	 */
	public static function unanswered(): self {
		$made             = new self();
		$made->unanswered = true;
		return $made;
	}

	/**
	 * An answer.
	 *
	 * @param array $answer As `Answer::read` makes it.
	 */
	public static function of( array $answer ): self {
		$made             = new self();
		$made->options_id = $answer['options_id'];
		$made->all        = $answer['offers'];
		return $made;
	}
}
