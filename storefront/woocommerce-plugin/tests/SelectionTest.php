<?php
/**
 * What the shopper selected stays selected.
 *
 * @package Doorstep
 */

use Doorstep\WooCommerce\Rates\Selection;

/**
 * WooCommerce's filter of the default rate.
 */
final class SelectionTest extends ShopTestCase {

	private $selection;

	protected function setUp(): void {
		parent::setUp();
		$this->selection = new Selection( $this->session );
	}

	public function test_an_option_survives_one_more_or_less_beside_it(): void {
		$this->assertSame( 'doorstep:3:van', $this->keep( 'doorstep:3:uber', array( 'doorstep:3:uber', 'doorstep:3:van' ), 'doorstep:3:van' ) );
	}

	public function test_an_option_comes_back_after_a_page_or_an_outage_without_it(): void {
		$this->keep( 'flat_rate:1', array( 'flat_rate:1', 'doorstep:3:van' ), 'doorstep:3:van' );
		$this->assertSame( 'flat_rate:1', $this->keep( 'flat_rate:1', array( 'flat_rate:1' ), 'doorstep:3:van' ) );
		$this->assertSame( 'doorstep:3:van', $this->keep( 'flat_rate:1', array( 'flat_rate:1', 'doorstep:3:van' ), 'flat_rate:1' ) );
	}

	public function test_another_method_that_the_shopper_takes_is_left_alone(): void {
		$this->keep( 'flat_rate:1', array( 'flat_rate:1', 'doorstep:3:van' ), 'doorstep:3:van' );
		$this->assertSame( 'flat_rate:1', $this->keep( 'flat_rate:1', array( 'flat_rate:1', 'doorstep:3:van' ), 'local_pickup:2' ) );
	}

	public function test_without_a_choice_woocommerce_decides(): void {
		$this->assertSame( 'flat_rate:1', $this->keep( 'flat_rate:1', array( 'flat_rate:1', 'doorstep:3:van' ), false ) );
		$this->assertFalse( $this->selection->keep( false, null, null ) );
	}

	private function keep( $default, array $ids, $chosen ) {
		return $this->selection->keep( $default, array_fill_keys( $ids, true ), $chosen );
	}
}
